// SPDX-License-Identifier: Apache-2.0
// monitor and snoop: what a switch says, until the tool is told to stop.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "cli/ofctl/tool.h"
#include "openflow/flow_monitor_text.h"
#include "openflow/number_text.h"
#include "openflow/packet_out_text.h"

namespace weft::cli::ofctl {
namespace {

using openflow::PacketInFormat;

/// Where the messages go: standard error, or the file that ofctl/set-output-file names.
class MessageLog {
  public:
    /// Its own descriptor: a tool that detaches lets go of the terminal, not of where it prints.
    explicit MessageLog(Tool& t) : t_(t), out_(::fdopen(::dup(STDERR_FILENO), "w")) { CHECK(out_); }
    ~MessageLog() { close(); }
    MessageLog(const MessageLog&) = delete;
    MessageLog& operator=(const MessageLog&) = delete;

    void write(ByteSpan message, std::string_view prefix = {}) {
        std::string text = openflow::print_message(message, options_);
        if (t_.settings().timestamps) text.insert(0, timestamp());
        text.insert(0, prefix);
        std::fwrite(text.data(), 1, text.size(), out_);
        std::fflush(out_);
    }
    Result<> redirect(const std::string& file) {
        std::FILE* opened = std::fopen(file.c_str(), "w");
        if (!opened) return fail(std::string(std::strerror(errno)), errno);
        close();
        out_ = opened;
        return {};
    }
    void set_names(action::Names names) { options_.names = names; }

  private:
    /// `2026-01-31 23:59:59.123: ` of UTC.
    std::string timestamp() const {
        using namespace std::chrono;
        const auto now = t_.daemon().clock().since_1970();
        const std::time_t seconds = duration_cast<std::chrono::seconds>(now).count();
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        std::array<char, 64> text{};
        const size_t n = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
        const std::string ms =
            std::to_string(duration_cast<milliseconds>(now).count() % 1000 + 1000).substr(1);
        return std::string(text.data(), n) + "." + ms + ": ";
    }
    void close() { std::fclose(out_); }

    Tool& t_;
    openflow::PrintOptions options_ = t_.print_options(2);
    std::FILE* out_;
};

/// ofctl/barrier: answers when the switch has.
struct Barriers {
    std::map<uint32_t, obs::CommandReply> waiting;
    bool take(ByteSpan message) {
        const auto at = waiting.find(openflow::read_header(message).xid);
        if (at == waiting.end()) return false;
        at->second("");
        waiting.erase(at);
        return true;
    }
};

Result<std::string> send_hex(Client& client, MessageLog& log, obs::CommandArgs words) {
    for (const std::string& hex : words) {
        const auto bytes = parse_hex(hex);
        if (!bytes || bytes->size() < openflow::header_size) return fail("bad hex bytes");
        log.write(*bytes, "send: ");
        client.send_bytes(*bytes);
    }
    return std::string();
}

void add_commands(Tool& t, Client& client, MessageLog& log, Barriers& barriers) {
    auto& table = t.daemon().commands();
    table.add("ofctl/send", "OFMSG...", 1, obs::CommandTable::any,
              [&](obs::CommandArgs words) { return send_hex(client, log, words); });
    table.add("ofctl/packet-out", "\"in_port=<port> packet=<hex data> actions=...\"", 1, 1,
              [&](obs::CommandArgs words) -> Result<std::string> {
                  client.send(TRY(openflow::parse_packet_out(words[0])));
                  return std::string();
              });
    table.add_late("ofctl/barrier", "", 0, 0, [&](obs::CommandArgs, obs::CommandReply reply) {
        barriers.waiting.emplace(client.send(openflow::BarrierRequest{}), std::move(reply));
    });
    table.add("ofctl/set-output-file", "FILE", 1, 1, [&](obs::CommandArgs words) -> Result<std::string> {
        TRY(log.redirect(words[0]));
        return std::string();
    });
}

/// Prints until `exit`, a signal, or the end of the connection.
Result<> watch(Tool& t, Client& client) {
    MessageLog log(t);
    Barriers barriers;
    add_commands(t, client, log, barriers);
    std::optional<Error> closed;
    client.listen(
        [&](ByteSpan message) {
            if (!barriers.take(message)) log.write(message);
        },
        [&](const Error& error) {
            closed = error;
            t.daemon().stop();
        });
    if (!closed) {
        t.daemon().ready();
        t.daemon().run();
    }
    client.listen([](ByteSpan) {}, [](const Error&) {});
    if (closed) return std::unexpected(client.unexpected_reply({}));
    return {};
}

/// What -P asked for, or the best the switch knows.
Result<> choose_packet_in_format(Tool& t, Client& client) {
    const auto wanted = t.settings().packet_in;
    const PacketInFormat tries[] = {PacketInFormat::nxt2, PacketInFormat::nxt, PacketInFormat::standard};
    for (const PacketInFormat format : tries) {
        if (wanted && format != *wanted) continue;
        if (!wanted && format == PacketInFormat::nxt && client.version() != openflow::Version::v10) continue;
        if (!wanted && format == PacketInFormat::standard) return {};
        client.send(openflow::SetPacketInFormat{format});
        if (!TRY(client.barrier())) return {};
        if (wanted)
            return fail(client.name() + ": the switch does not know the packet-in format asked for with -P");
    }
    return {};
}

/// What flows there are is printed at once, changes as they come.
Result<> start_flow_monitor(Tool& t, Client& client, std::string_view text, uint32_t id) {
    auto monitor = TRY(t.with_names(client.target(), [&](const action::Names& names) {
        return openflow::parse_flow_monitor(text, names);
    }));
    monitor.id = id;
    TRY(t.dump(client, openflow::FlowMonitorRequest{{std::move(monitor)}}));
    std::fflush(stdout);
    return {};
}

Result<> set_config(Client& client, std::optional<uint16_t> miss_send_len, bool invalid_ttl) {
    auto config = TRY(client.get<openflow::GetConfigReply>(openflow::GetConfigRequest{})).config;
    if (miss_send_len) config.miss_send_len = *miss_send_len;
    if (invalid_ttl) config.invalid_ttl_to_controller = true;
    client.send(openflow::SetConfig{config});
    if (TRY(client.barrier())) return fail(client.name() + ": the switch refused the configuration");
    return {};
}

}  // namespace

Result<> monitor(Tool& t, Args args) {
    std::optional<uint16_t> miss_send_len;
    bool invalid_ttl = false;
    uint32_t monitors = 0;
    const auto client = TRY(t.open(args[0]));
    for (const std::string& arg : args.subspan(1)) {
        if (arg == "invalid_ttl") {
            invalid_ttl = true;
        } else if (arg.starts_with("watch:")) {
            TRY(start_flow_monitor(t, *client, std::string_view(arg).substr(6), monitors++));
        } else if (const auto n = openflow::parse_u64(arg); n && *n <= 0xffff && !miss_send_len) {
            miss_send_len = static_cast<uint16_t>(*n);
        } else {
            return fail(arg + ": unsupported \"monitor\" argument");
        }
    }
    TRY(choose_packet_in_format(t, *client));
    if (miss_send_len || invalid_ttl) TRY(set_config(*client, miss_send_len, invalid_ttl));
    return watch(t, *client);
}

Result<> snoop(Tool& t, Args args) {
    const auto client =
        TRY(Client::open(t.daemon(), args[0],
                         {.versions = openflow::VersionSet::all(), .socket = "snoop", .only_listen = true}));
    return watch(t, *client);
}

}  // namespace weft::cli::ofctl
