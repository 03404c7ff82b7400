// SPDX-License-Identifier: Apache-2.0
// ovsdb-server: the Open vSwitch database server.
#include <filesystem>

#include "apps/ovsdb_server_app.h"

namespace weft::apps {
namespace {

std::string usage(const cli::Paths& paths) {
    return "ovsdb-server: Open vSwitch database server\n"
           "usage: ovsdb-server [OPTIONS] [DATABASE...]\n"
           "where each DATABASE is a database file in ovsdb format.\n"
           "The default DATABASE, if none is given, is\n" +
           paths.dbdir +
           "/conf.db.\n"
           "\nJSON-RPC options (may be specified any number of times):\n"
           "  --remote=REMOTE         connect or listen to REMOTE\n"
           "\nActive JSON-RPC connection methods:\n"
           "  tcp:HOST:PORT           PORT at remote HOST\n"
           "  unix:FILE               Unix domain socket named FILE\n"
           "Passive JSON-RPC connection methods:\n"
           "  ptcp:PORT[:IP]          listen to TCP PORT on IP\n"
           "  punix:FILE              listen on Unix domain socket FILE\n"
           "Remotes in a database:\n"
           "  db:DB,TABLE,COLUMN      those that COLUMN in the rows of TABLE names\n"
           "\nDatabase options:\n"
           "  --no-dbs                serve no database but those added later\n"
           "  --run COMMAND           run COMMAND as subprocess then exit\n"
           "  --disable-file-column-diff\n"
           "                          don't use column diff in database file\n";
}

struct CommandLine {
    OvsdbServer::Options server;
    bool no_dbs = false;
};

void add_options(cli::Options& options, CommandLine& out) {
    using Value = cli::Options::Value;
    options.add({"remote", 0, cli::Options::Argument::required, [&out](Value value) -> Result<> {
                     out.server.remotes.push_back(*value);
                     return {};
                 }});
    options.text("run", out.server.run);
    options.flag("no-dbs", out.no_dbs);
    options.flag("disable-file-column-diff", out.server.use_diff, false);
    // Scripts name keys whether or not there is a remote that needs them; such a remote reports its own
    // error.
    const std::pair<const char*, char> keys[] = {
        {"private-key", 'p'}, {"certificate", 'c'}, {"ca-cert", 'C'},   {"bootstrap-ca-cert", 0},
        {"peer-ca-cert", 0},  {"ssl-protocols", 0}, {"ssl-ciphers", 0}, {"ssl-ciphersuites", 0}};
    for (const auto& [name, letter] : keys) options.ignore(name, cli::Options::Argument::required, letter);
    for (const char* name : {"sync-from", "sync-exclude-tables", "active", "record", "replay", "config-file"})
        options.add({name, 0, cli::Options::Argument::optional, [name](Value) -> Result<> {
                         return fail(std::string("--") + name +
                                     " is not supported yet (doc/compatibility.md)");
                     }});
}

}  // namespace
}  // namespace weft::apps

int main(int argc, char** argv) {
    using namespace weft;
    const cli::Paths paths = cli::Paths::from_environment();
    cli::Daemon daemon({.program = "ovsdb-server", .usage = [&] { return apps::usage(paths); }}, argc, argv);
    apps::CommandLine line;
    apps::add_options(daemon.options(), line);
    std::vector<std::string> databases = daemon.parse();
    if (databases.empty() && !line.no_dbs) databases.push_back(paths.dbdir + "/conf.db");
    for (const std::string& database : databases) {
        if (database.starts_with("relay:"))
            daemon.fatal(database + ": relay databases are not supported yet (doc/compatibility.md)");
        line.server.databases.push_back(std::filesystem::absolute(database).string());
    }

    daemon.start();
    apps::OvsdbServer server(daemon, std::move(line.server));
    if (const auto started = server.start(); !started) daemon.fatal(started.error().message);
    if (const auto running = server.run_command(); !running) daemon.fatal(running.error().message);
    daemon.ready();
    const int status = daemon.run();
    return status ? status : server.exit_status();
}
