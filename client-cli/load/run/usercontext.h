// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/run/books.h"
#include "client-cli/load/run/door.h"
#include "client-cli/load/run/speech.h"
#include "client-cli/load/run/timetable.h"

namespace parlor::cli::load {

/// What all users of a thread share. All of it outlives them. One a thread.
struct UserContext
{
    const Settings &settings;
    Timetable &timetable;
    Door &door;
    Speech &speech;
    Books &books;
};

} // namespace parlor::cli::load
