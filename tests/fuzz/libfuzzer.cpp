// SPDX-License-Identifier: MIT
// The one target of this program, as libFuzzer calls it.
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    parlor::fuzz::Target::first()->run({reinterpret_cast<const char *>(data), size});
    return 0;
}
