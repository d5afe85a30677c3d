# SPDX-License-Identifier: MIT
"""The list of attacks. Each is a function of a Trial; its doc string says what passes."""
ATTACKS = {}


def attack(name):
    def register(function):
        ATTACKS[name] = function
        return function
    return register
