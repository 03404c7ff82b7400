// SPDX-License-Identifier: Apache-2.0
// ovsdb-server: the Open vSwitch database server.
#include <filesystem>

#include "apps/ovsdb_server_app.h"
#include "cli/tls_options.h"

namespace weft::apps {
namespace {

std::string usage(const cli::Paths& paths) {
    return "ovsdb-server: Open vSwitch database server\n"
           "usage: ovsdb-server [OPTIONS] [DATABASE...]\n"
           "where each DATABASE is a database file in ovsdb format,\n"
           "or relay:DB:REMOTE, which serves database DB of the server at REMOTE,\n"
           "or etcd://HOST:PORT[,HOST:PORT...]/PREFIX, a clustered database in etcd.\n"
           "The default DATABASE, if none is given, is\n" +
           paths.dbdir +
           "/conf.db.\n"
           "\nJSON-RPC options (may be specified any number of times):\n"
           "  --remote=REMOTE         connect or listen to REMOTE\n"
           "\nActive JSON-RPC connection methods:\n"
           "  tcp:HOST:PORT           PORT at remote HOST\n"
           "  ssl:HOST:PORT           SSL PORT at remote HOST\n"
           "  unix:FILE               Unix domain socket named FILE\n"
           "Passive JSON-RPC connection methods:\n"
           "  ptcp:PORT[:IP]          listen to TCP PORT on IP\n"
           "  pssl:[PORT][:HOST]      listen for SSL on PORT of HOST\n"
           "  punix:FILE              listen on Unix domain socket FILE\n"
           "Remotes in a database:\n"
           "  db:DB,TABLE,COLUMN      those that COLUMN in the rows of TABLE names\n"
           "\nKeys for ssl: and pssl:; FILE may be db:DB,TABLE,COLUMN, too:\n"
           "  -p, --private-key=FILE  file with private key\n"
           "  -c, --certificate=FILE  file with certificate for private key\n"
           "  -C, --ca-cert=FILE      file with peer CA certificate\n"
           "  --bootstrap-ca-cert=FILE  file with peer CA certificate to read or create\n"
           "  --peer-ca-cert=FILE     file with CA certificate to show to peers\n"
           "  --ssl-protocols=PROTOS  list of SSL protocols to enable\n"
           "  --ssl-ciphers=CIPHERS   list of SSL ciphers to enable\n"
           "\nActive-backup options:\n"
           "  --sync-from=SERVER      keep the databases the same as those of SERVER\n"
           "  --sync-exclude-tables=DB:TABLE,...\n"
           "                          but for the TABLEs of DB\n"
           "  --active                with --sync-from, start as the active server\n"
           "\nOptions for databases in etcd:\n" +
           cli::etcd_usage() +
           "\nDatabase options:\n"
           "  --config-file=FILE      databases and remotes are those of FILE\n"
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
    cli::add_tls_options(options, out.server.tls);
    options.text("sync-from", out.server.backup.active_server);
    options.text("sync-exclude-tables", out.server.backup.excluded);
    options.flag("active", out.server.backup.starts_active);
    cli::add_etcd_options(options, out.server.etcd);
    options.text("config-file", out.server.config_file);
    for (const char* name : {"record", "replay"})
        options.add({name, 0, cli::Options::Argument::optional, [name](const Value&) -> Result<> {
                         return fail(std::string("--") + name +
                                     " is not supported yet (doc/compatibility.md)");
                     }});
}

/// A configuration file says all there is to say.
Result<> check_alone(const CommandLine& line, const std::vector<std::string>& databases) {
    const std::pair<bool, const char*> others[] = {
        {!databases.empty(), "a DATABASE"},
        {!line.server.remotes.empty(), "--remote"},
        {!line.server.backup.active_server.empty(), "--sync-from"},
        {!line.server.backup.excluded.empty(), "--sync-exclude-tables"},
        {line.server.backup.starts_active, "--active"}};
    for (const auto& [given, name] : others)
        if (given)
            return fail("--config-file and " + std::string(name) +
                        " exclude each other: put it into the file");
    return {};
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
    if (const std::string& file = line.server.config_file; !file.empty()) {
        if (const auto alone = apps::check_alone(line, databases); !alone)
            daemon.fatal(alone.error().message);
        line.server.folder = std::filesystem::current_path();
        line.server.config_file = line.server.backup.config_file = std::filesystem::absolute(file).string();
    } else if (databases.empty() && !line.no_dbs)
        databases.push_back(paths.dbdir + "/conf.db");
    for (const std::string& database : databases) {
        line.server.databases.push_back(database.starts_with("relay:") || store::etcd::is_address(database)
                                            ? database
                                            : std::filesystem::absolute(database).string());
    }

    daemon.start();
    apps::OvsdbServer server(daemon, std::move(line.server));
    if (const auto started = server.start(); !started) daemon.fatal(started.error().message);
    if (const auto running = server.run_command(); !running) daemon.fatal(running.error().message);
    daemon.ready();
    const int status = daemon.run();
    return status ? status : server.exit_status();
}
