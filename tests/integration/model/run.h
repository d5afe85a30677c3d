// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/engine.h"
#include "tests/integration/model/modelclient.h"
#include "tests/integration/model/program.h"
#include "tests/support/serverprocess.h"

#include <QTemporaryDir>

namespace parlor::test::model {

/// One program on one engine: real servers, one after the other, and the model's clients.
class Run
{
public:
    Run(const Program &program, const Engine &engine);

    /// To the end of the program. A problem: a server did not start, or ended other than it should.
    [[nodiscard]] Problem execute();
    /// After execute(): what the clients know, and all that the server still has.
    [[nodiscard]] Record record();
    /// How often something happened, for a test that wants to know whether it tests anything.
    struct Figures
    {
        int resumes = 0;
        int duplicates = 0;
        int deathsInFlight = 0; ///< servers that were killed while an answer was owed
        int messages = 0;
        int declined = 0; ///< while the disk was full
        int forks = 0;    ///< positions that a restored backup did not know
    };
    [[nodiscard]] Figures figures() const;

private:
    [[nodiscard]] Problem start();
    [[nodiscard]] Problem restart(const Step &step);
    [[nodiscard]] Problem fillDisk(const Step &step);
    [[nodiscard]] Problem backUp();
    [[nodiscard]] Problem restore();
    /// SIGTERM, and its end.
    [[nodiscard]] Problem terminate();
    /// How large the server's files may become; what is written past it fails.
    [[nodiscard]] bool limitFiles(std::uint64_t bytes) const;
    [[nodiscard]] Problem wasHeard(const Log &declined) const;
    void perform(const Step &step, ModelClient &client);
    void catchUp(ModelClient &client);

    const Program &m_program;
    const Engine &m_engine;
    QTemporaryDir m_folder;
    std::unique_ptr<ServerProcess> m_server;
    int m_run = 0;
    int m_deathsInFlight = 0;
    std::vector<ModelClient> m_clients;
    std::optional<Fork> m_backup{}; ///< that was made
    std::vector<Fork> m_forks;
};

} // namespace parlor::test::model
