// SPDX-License-Identifier: Apache-2.0
#include "cli/testcontroller/run.h"

#include <cerrno>
#include <cstdlib>
#include <list>

#include "cli/completion.h"
#include "cli/connection_usage.h"
#include "cli/daemon.h"
#include "cli/ofctl/flow_file.h"
#include "cli/testcontroller/learning_switch.h"
#include "cli/tls_options.h"
#include "net/openflow_peer.h"
#include "openflow/number_text.h"

namespace weft::cli::testcontroller {
namespace {

struct CommandLine {
    LearningSwitch::Options options{.max_idle = 60};
    openflow::VersionSet versions = openflow::VersionSet::all();
    std::vector<std::string> flow_files;
    bool mute = false;
    net::TlsFiles tls;
};

/// One switch that is connected. Resource type.
class Session {
  public:
    Session(Daemon& daemon, const CommandLine& line, std::unique_ptr<net::Stream> stream,
            std::function<void()> closed)
        : daemon_(daemon),
          line_(line),
          closed_(std::move(closed)),
          peer_(std::move(stream), {.versions = line.versions, .only_listen = line.mute},
                {.connected = [this](openflow::Version v) { connected(v); },
                 .received = [this](ByteSpan message) { received(message); },
                 .closed =
                     [this](const Error& error) {
                         LOG(daemon_.log("controller"), info, "{}: connection closed ({})", peer_.name(),
                             net::reason_of(error));
                         closed_();
                     }}) {}

  private:
    void connected(openflow::Version version) {
        dialect_.version = version;
        switch_.emplace(line_.options, version);
        send(switch_->greet());
    }
    void received(ByteSpan message) {
        if (line_.mute) return;
        const auto decoded = openflow::decode(message, dialect_);
        if (decoded) send(switch_->receive(decoded->body, daemon_.loop().now()));
    }
    void send(const LearningSwitch::Bodies& bodies) {
        for (const openflow::Body& body : bodies)
            peer_.send(openflow::encode({.xid = ++xid_, .body = body}, dialect_));
    }

    Daemon& daemon_;
    const CommandLine& line_;
    std::function<void()> closed_;
    openflow::Dialect dialect_;
    std::optional<LearningSwitch> switch_;
    uint32_t xid_ = 1;
    net::OpenflowPeer peer_;
};

/// All connections, and the sockets on which others are awaited. Resource type.
class Controller {
  public:
    Controller(Daemon& daemon, const CommandLine& line) : daemon_(daemon), line_(line) {}

    /// False: it cannot be reached; the log says why.
    bool add(const std::string& method) {
        const auto failed = [&](const Error& error) {
            LOG(daemon_.log("controller"), err, "{}: connect: {}", method, net::reason_of(error));
            return false;
        };
        const auto name = net::ConnectionName::parse(method, net::openflow_port);
        if (!name) return failed({"", EAFNOSUPPORT});
        if (name->passive) {
            auto listener =
                daemon_.transport().listen(*name, [this](auto stream) { accept(std::move(stream)); });
            if (!listener) return failed(listener.error());
            listeners_.push_back(std::move(*listener));
            return true;
        }
        auto stream = daemon_.transport().connect(*name);
        if (!stream) return failed(stream.error());
        accept(std::move(*stream));
        return true;
    }

  private:
    void accept(std::unique_ptr<net::Stream> stream) {
        const auto at = sessions_.emplace(sessions_.end());
        *at = std::make_unique<Session>(daemon_, line_, std::move(stream), [this, at] { ended(at); });
    }
    void ended(std::list<std::unique_ptr<Session>>::iterator at) {
        // The session is still at work: it goes in the next turn.
        daemon_.loop().post([this, at] {
            sessions_.erase(at);
            if (sessions_.empty() && listeners_.empty()) daemon_.stop();
        });
    }

    Daemon& daemon_;
    const CommandLine& line_;
    std::list<std::unique_ptr<Session>> sessions_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
};

std::string usage() {
    return "ovs-testcontroller: OpenFlow controller\n"
           "usage: ovs-testcontroller [OPTIONS] METHOD...\n"
           "where METHOD is any OpenFlow connection method.\n\n" +
           connection_usage("OpenFlow") +
           "\nWhat the controller does:\n"
           "  -H, --hub               act as hub instead of learning switch\n"
           "  -n, --noflow            pass traffic, but don't add flows\n"
           "  --max-idle=SECS         max idle time for new flows, or \"permanent\" (default: 60)\n"
           "  -N, --normal            send packets for known stations to OFPP_NORMAL\n"
           "  -w, --wildcards[=MASK]  wildcard bits in flows, hex (default with -w: 2820f0)\n"
           "  -q, --queue=QUEUE-ID    OpenFlow queue ID to use for output\n"
           "  -Q, --port-queue=PORT-NAME:QUEUE-ID  the same for packets from PORT-NAME\n"
           "  --with-flows=FILE       push the flows from FILE to each switch\n"
           "  --mute                  answer nothing\n"
           "  -O, --protocols=VERSIONS  OpenFlow versions to use (default: all)\n";
}

Result<> parse_versions(const std::string& text, CommandLine& line) {
    line.versions = {};
    for (size_t at = 0; at <= text.size();) {
        const size_t comma = std::min(text.find(',', at), text.size());
        const std::string word = text.substr(at, comma - at);
        const auto version = openflow::parse_version(word);
        if (!version) return fail("Unknown OpenFlow version: \"" + word + "\"");
        line.versions.insert(*version);
        at = comma + 1;
    }
    return {};
}

Result<> parse_max_idle(const std::string& text, CommandLine& line) {
    line.options.max_idle.reset();
    if (text == "permanent") return {};
    const auto v = openflow::parse_u64(text);
    if (!v || *v < 1 || *v > 0xffff)
        return fail("--max-idle argument must be between 1 and 65535 or the word 'permanent'");
    line.options.max_idle = static_cast<uint16_t>(*v);
    return {};
}

Result<> parse_port_queue(const std::string& text, CommandLine& line) {
    const size_t colon = text.rfind(':');
    const auto queue =
        colon == text.npos ? Result<uint32_t>(fail("")) : openflow::parse_u32(text.substr(colon + 1));
    if (!queue) return fail("argument to -Q or --port-queue should take the form \"<port-name>:<queue-id>\"");
    if (!line.options.port_queues.emplace(text.substr(0, colon), *queue).second)
        return fail(text.substr(0, colon) + ": -Q or --port-queue may not be given twice for one port");
    return {};
}

using Read = Result<> (*)(const std::string&, CommandLine&);
void add_value(Options& options, CommandLine& line, std::string name, char letter, Read read) {
    options.add({std::move(name), letter, Options::Argument::required,
                 [&line, read](const Options::Value& value) { return read(*value, line); }});
}

void add_options(Options& options, CommandLine& line) {
    options.flag("hub", line.options.learns, false, 'H');
    options.flag("noflow", line.options.sets_up_flows, false, 'n');
    options.flag("normal", line.options.normal, true, 'N');
    options.flag("mute", line.mute);
    add_value(options, line, "max-idle", 0, parse_max_idle);
    add_value(options, line, "protocols", 'O', parse_versions);
    add_value(options, line, "port-queue", 'Q', parse_port_queue);
    add_value(options, line, "queue", 'q', [](const std::string& text, CommandLine& l) -> Result<> {
        l.options.queue = static_cast<uint32_t>(TRY(openflow::parse_up_to(text, "queue", 0xffffffff)));
        return {};
    });
    add_value(options, line, "with-flows", 0, [](const std::string& file, CommandLine& l) -> Result<> {
        l.flow_files.push_back(file);
        return {};
    });
    options.add(
        {"wildcards", 'w', Options::Argument::optional, [&line](const Options::Value& mask) -> Result<> {
             constexpr uint32_t usual = 0x2820f0;
             const bool hex = mask && (mask->starts_with("0x") || mask->starts_with("0X"));
             line.options.wildcards = mask ? static_cast<uint32_t>(TRY(openflow::parse_up_to(
                                                 hex ? *mask : "0x" + *mask, "wildcards", 0x3fffff)))
                                           : usual;
             return {};
         }});
    add_tls_options(options, line.tls);
    add_completion_option(options, [&options] {
        return Completion{.program = "ovs-testcontroller", .options = options.names()};
    });
}

Result<> read_flows(CommandLine& line) {
    ofctl::Changes changes;
    for (const std::string& file : line.flow_files)
        TRY(ofctl::read_lines(file, [&](std::string_view text) {
            return ofctl::add_flow_text(text, std::nullopt, {}, changes);
        }));
    for (openflow::Body& one : changes.list)
        line.options.flows.push_back(std::move(std::get<openflow::FlowMod>(one)));
    return {};
}

}  // namespace

int run(int argc, char** argv) {
    Daemon daemon(
        {.program = "ovs-testcontroller", .usage = usage, .version_note = "OpenFlow versions 0x1:0x6\n"},
        argc, argv);
    CommandLine line;
    add_options(daemon.options(), line);
    const auto methods = daemon.parse();
    if (methods.empty()) daemon.fatal("at least one vconn argument required; use --help for usage");
    if (auto done = read_flows(line); !done) daemon.fatal(done.error().message);
    daemon.start();
    daemon.use_tls(line.tls);
    Controller controller(daemon, line);
    size_t added = 0;
    for (const std::string& method : methods) added += controller.add(method);
    if (!added) daemon.fatal("no active or passive switch connections");
    daemon.ready();
    return daemon.run();
}

}  // namespace weft::cli::testcontroller
