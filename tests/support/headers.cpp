// SPDX-License-Identifier: MIT
// Nothing: the target needs a source to have a precompiled header.
