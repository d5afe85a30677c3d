// SPDX-License-Identifier: MIT
#pragma once

#include "shared/protocol/result.h"

#include <QFile>
#include <QSaveFile>

#include <optional>
#include <string>

namespace parlor::cli::load {

/// Where a run's figures are kept. A regular file, or one that is not there yet, changes all at once or not
/// at all; a device, a pipe or a descriptor (/dev/stdout, /dev/fd/3, /proc/self/fd/3) is written in place, as
/// it must not be replaced.
class ResultFile
{
public:
    explicit ResultFile(const std::string &path);
    /// Whether it is a device, a pipe or a descriptor.
    [[nodiscard]] static bool isWrittenInPlace(const std::string &path);

    /// Waits for a reader where it is a pipe.
    [[nodiscard]] Result<void> open();
    /// The whole of it, once.
    [[nodiscard]] Result<void> write(const QByteArray &bytes);

private:
    std::string m_path;
    QSaveFile m_new;
    QFile m_inPlace;
    bool m_isInPlace = false;
};

} // namespace parlor::cli::load
