// SPDX-License-Identifier: MIT
#include "client-cli/chat/keys.h"

#include <algorithm>
#include <array>

namespace parlor::cli {

namespace {

constexpr unsigned char kEscape = 0x1b;
constexpr char kBackspace = 0x08;
constexpr char kDelete = 0x7f;

struct Meaning
{
    char letter;
    Key key;
};

constexpr std::array<Meaning, 21> kWithCtrl{
    {{'A', Key::Start},     {'B', Key::Left},        {'D', Key::DeleteOrLeave}, {'E', Key::End},
     {'F', Key::Right},     {'G', Key::Cancel},      {'H', Key::Backspace},     {'J', Key::Enter},
     {'K', Key::KillToEnd}, {'L', Key::ClearScreen}, {'M', Key::Enter},         {'N', Key::Newer},
     {'P', Key::Older},     {'Q', Key::Quote},       {'R', Key::Search},        {'T', Key::Transpose},
     {'U', Key::KillAll},   {'V', Key::Quote},       {'W', Key::KillWordLeft},  {'Y', Key::Yank},
     {'?', Key::Backspace}}};

/// Escape and the letter, as terminals send it.
constexpr std::array<Meaning, 8> kWithAlt{{{'B', Key::WordLeft},
                                           {'C', Key::Capitalise},
                                           {'D', Key::KillWordRight},
                                           {'F', Key::WordRight},
                                           {'L', Key::LowerCase},
                                           {'U', Key::UpperCase},
                                           {kBackspace, Key::KillWordLeft},
                                           {kDelete, Key::KillWordLeft}}};

template <std::size_t Size>
Key meaning(const std::array<Meaning, Size> &table, unsigned char letter)
{
    const auto *at = std::ranges::find(table, static_cast<char>(letter), &Meaning::letter);
    return at == table.end() ? Key::None : at->key;
}

Key ofSequence(const std::string &parameters, unsigned char final)
{
    if (parameters.starts_with('[')) // F1 to F5 of the Linux console
        return Key::None;
    const auto modifier = parameters.find(';');
    const bool hasModifier = modifier != std::string::npos;
    switch (final) {
    case 'A':
        return Key::Older;
    case 'B':
        return Key::Newer;
    case 'C':
        return hasModifier ? Key::WordRight : Key::Right;
    case 'D':
        return hasModifier ? Key::WordLeft : Key::Left;
    case 'F':
        return Key::End;
    case 'H':
        return Key::Start;
    case '~':
        break;
    default:
        return Key::None;
    }
    const std::string number = parameters.substr(0, modifier);
    if (number == "1" || number == "7")
        return Key::Start;
    if (number == "4" || number == "8")
        return Key::End;
    return number == "3" ? Key::Delete : Key::None;
}

Key afterEscape(TerminalInput &input)
{
    auto byte = input.nextByte();
    if (!byte)
        return Key::None;
    if (*byte == kEscape) { // a key of its own, with or without Alt; or a paste
        input.putBack(std::string(1, static_cast<char>(*byte)));
        return Key::None;
    }
    if (*byte >= 0x80) { // Alt and a letter of more bytes
        static_cast<void>(input.completed(*byte));
        return Key::None;
    }
    if (*byte != '[' && *byte != 'O')
        return meaning(kWithAlt, *byte >= 'a' && *byte <= 'z' ? *byte ^ 0x20 : *byte);
    std::string parameters;
    while ((byte = input.nextByte())) {
        const bool isLinuxConsole = *byte == '[' && parameters.empty();
        if (*byte >= 0x40 && *byte <= 0x7e && !isLinuxConsole)
            return ofSequence(parameters, *byte);
        if (*byte < 0x20 || (*byte > 0x3f && !isLinuxConsole) || parameters.size() > 32) { // no sequence
            input.putBack(std::string(1, static_cast<char>(*byte)));
            break;
        }
        parameters += static_cast<char>(*byte);
    }
    return Key::None;
}

} // namespace

KeyPress readKey(unsigned char first, TerminalInput &input)
{
    if (first == kEscape)
        return {afterEscape(input)};
    if (first < 0x20 || first == kDelete)
        return {meaning(kWithCtrl, first ^ 0x40)}; // so a terminal makes it of the letter
    const auto character = input.completed(first);
    return character ? KeyPress{Key::Character, *character} : KeyPress{Key::Invalid};
}

} // namespace parlor::cli
