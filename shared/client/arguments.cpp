// SPDX-License-Identifier: MIT
#include "shared/client/arguments.h"

#include "shared/protocol/values.h"

namespace parlor {

std::optional<std::string> argumentThatIsNoText(int argc, const char *const *argv)
{
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (values::isUtf8(argument))
            continue;
        std::string_view option = argument.substr(0, argument.find('='));
        if (option == argument || !option.starts_with('-'))
            option = argv[i - 1];
        const bool isNamed = i > 1 && option.starts_with('-') && values::isUtf8(option);
        return (isNamed ? "the value of " + std::string(option) : "argument " + std::to_string(i)) +
               " is not UTF-8";
    }
    return std::nullopt;
}

} // namespace parlor
