// SPDX-License-Identifier: MIT
#include "server/ops/logging.h"

namespace parlor::log {

Q_LOGGING_CATEGORY(server, "parlor.server")
Q_LOGGING_CATEGORY(accept, "parlor.accept")
Q_LOGGING_CATEGORY(session, "parlor.session")

} // namespace parlor::log
