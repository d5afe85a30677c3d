// SPDX-License-Identifier: MIT
#pragma once

#include "tests/integration/model/engine.h"
#include "tests/integration/model/modelclient.h"
#include "tests/integration/model/program.h"
#include "tests/support/serverprocess.h"

namespace parlor::test::model {

/// One program on one engine: real servers, one or several at once, one after the other, and the model's
/// clients.
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
        int unsure = 0;   ///< requests that were `unavailable`
    };
    [[nodiscard]] Figures figures() const;

private:
    [[nodiscard]] Problem start(std::size_t server);
    [[nodiscard]] Problem restart(const Step &step);
    [[nodiscard]] Problem kill(std::size_t server);
    [[nodiscard]] Problem fillDisk(const Step &step);
    [[nodiscard]] Problem backUp();
    [[nodiscard]] Problem restore();
    [[nodiscard]] Problem disturb(const Step &step);
    [[nodiscard]] Problem lose(const Step &step);
    /// SIGTERM, and its end.
    [[nodiscard]] Problem terminate(std::size_t server);
    [[nodiscard]] Problem wasHeard(const Log &declined) const;
    [[nodiscard]] Problem perform(const Step &step);
    void perform(const Step &step, ModelClient &client);
    void connect(const Step &step, ModelClient &client);
    void catchUp(ModelClient &client);
    void settleAll();
    void noteAll(const Entry &what);

    /// Which of the servers a step means.
    [[nodiscard]] std::size_t serverOf(const Step &step) const
    {
        return static_cast<std::size_t>(step.server) % m_servers.size();
    }
    [[nodiscard]] bool isAt(std::size_t client, std::size_t server) const
    {
        return m_clients[client].isConnected() && m_at[client] == server;
    }

    const Program &m_program;
    const Engine &m_engine;
    std::unique_ptr<Storage> m_storage;
    std::vector<std::unique_ptr<ServerProcess>> m_servers;
    std::vector<int> m_runs; ///< of each server
    int m_run = 0;           ///< the newest
    int m_deathsInFlight = 0;
    std::vector<ModelClient> m_clients;
    std::vector<std::size_t> m_at;  ///< the server that each client connected to last
    std::optional<Fork> m_backup{}; ///< that was made
    std::vector<Fork> m_forks;
};

} // namespace parlor::test::model
