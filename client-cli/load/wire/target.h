// SPDX-License-Identifier: MIT
#pragma once

#include "client-cli/load/wire/sourceaddresses.h"
#include "client-cli/load/wire/tlscontext.h"
#include "shared/websocket/responsehead.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace parlor::cli::load {

/// The server, as its URL names it, and how to come to it. May hold secrets: no record has it.
struct Target
{
    std::string url; ///< for people
    std::string host;
    std::uint16_t port = 80;
    std::string authority;    ///< the request's Host
    std::string path = "/ws"; ///< with the query
    std::string token{};      ///< of everybody, for the upgrade; empty: none

    bool isTls = false;      ///< wss://
    std::string caFile{};    ///< of certificates to trust besides the system's; empty: none
    bool isInsecure = false; ///< any certificate will do
    /// Of isTls, caFile and isInsecure, made once, before any thread and any process: TlsContext::make().
    std::shared_ptr<const TlsContext> tls{};

    /// For the upgrade; each isValidField(). One named Host replaces `authority`.
    std::vector<websocket::HeadField> headers{};
    bool keepsCookies = false; ///< each user sends back what an upgrade's answer set
    SourceAddresses sources{};
};

} // namespace parlor::cli::load
