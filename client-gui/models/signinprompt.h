// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace parlor::gui {

/// What the person is asked when a server wants to know who they are.
struct SignInPrompt
{
    /// Whose part it is to bring a token.
    enum class From {
        Person,
        Program, ///< the file or the command that the program was started with
    };
    From from = From::Person;
    QString host;
    QString problem{};         ///< what is wrong with the token that there was; empty: there was none
    QString keychainProblem{}; ///< why a token can be kept until the program ends only; empty: it can longer
    bool readable = false;     ///< the way to the server is not encrypted, and leaves this computer
    bool busy = false;         ///< the server looks at what the person gave
    bool operator==(const SignInPrompt &) const = default;
};

} // namespace parlor::gui
