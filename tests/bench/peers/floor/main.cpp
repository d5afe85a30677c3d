// SPDX-License-Identifier: MIT
// bench_floor io_uring|send: the least that delivery can cost, with the kernel called in this way. Says where
// it listens; runs until it is killed.
#include "tests/bench/peers/floor/floorserver.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>

int main(int argc, char **argv)
{
    using namespace parlor::floor;
    const std::string_view how = argc == 2 ? argv[1] : "";
    const bool needsRing = how == "io_uring" || how == "probe";
    if (!needsRing && how != "send" && how != "faulty") {
        std::fputs("usage: bench_floor io_uring|send|probe|faulty\n", stderr);
        return 2;
    }
    const auto sender = needsRing ? makeRing() : how == "send" ? makeSendLoop() : makeFaultyLoop();
    if (!sender) {
        std::fputs("the kernel refuses io_uring\n", stderr);
        return 1;
    }
    if (how == "probe")
        return 0;
    FloorServer server(*sender);
    const auto port = server.listen();
    if (port == 0) {
        std::fprintf(stderr, "bench_floor: cannot listen: %s\n", std::strerror(errno));
        return 1;
    }
    std::fprintf(stderr, "listening on 127.0.0.1:%u\n", unsigned{port});
    server.run();
}
