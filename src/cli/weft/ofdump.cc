// SPDX-License-Identifier: Apache-2.0
// weft ofdump: OpenFlow out of a capture file, or as it passes a network device.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "cli/weft/commands.h"
#include "codec/json_text.h"
#include "openflow/number_text.h"
#include "openflow/print/json.h"
#include "openflow/print/print.h"
#include "openflow/tcp_streams.h"
#include "sys/packet_tap.h"
#include "sys/pcap.h"

namespace weft::cli::weft_tool {
namespace {

using openflow::TcpStreams;

struct Wanted {
    std::string source;
    std::vector<uint16_t> ports{};
    std::optional<std::string> write_to{};
    std::optional<uint64_t> count{};  ///< messages after which to stop
};

Result<Wanted> parse_wanted(std::span<const std::string> args) {
    Wanted out;
    for (size_t i = 0; i < args.size(); ++i) {
        const bool takes_value = args[i] == "-w" || args[i] == "--count";
        if (takes_value && i + 1 == args.size()) return fail("ofdump: " + args[i] + " needs a value");
        if (args[i] == "-w")
            out.write_to = args[++i];
        else if (args[i] == "--count")
            out.count = TRY(openflow::parse_u64(args[++i]));
        else if (args[i].starts_with('-'))
            return fail("ofdump: unknown option " + args[i] + "; there are -w PCAP and --count N");
        else if (out.source.empty())
            out.source = args[i];
        else
            out.ports.push_back(static_cast<uint16_t>(TRY(openflow::parse_up_to(args[i], "port", 0xffff))));
    }
    if (out.source.empty()) return fail("ofdump: name a capture file or a network interface");
    if (out.ports.empty())
        out.ports.assign(std::begin(TcpStreams::usual_ports), std::end(TcpStreams::usual_ports));
    return out;
}

class MessagePrinter {
  public:
    MessagePrinter(const LocalCall& call, std::optional<uint64_t> count) : call_(call), left_(count) {}

    void operator()(const TcpStreams::Direction& d, ByteSpan message) {
        if (done()) return;
        if (left_) --*left_;
        if (call_.json) return call_.show(as_json(d, message));
        const std::string text = d.to_string() + ":\n" + openflow::print_message(message, {.verbosity = 1});
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    bool done() const { return left_ && *left_ == 0; }

  private:
    static codec::Json end_json(const TcpStreams::End& e) {
        return codec::Json::object({{"address", e.address}, {"port", e.port}});
    }
    static codec::Json as_json(const TcpStreams::Direction& d, ByteSpan message) {
        auto members = *openflow::message_json(message).object();
        members.set("from", end_json(d.from));
        members.set("to", end_json(d.to));
        return members;
    }

    const LocalCall& call_;
    std::optional<uint64_t> left_;
};

void tell_losses(const TcpStreams& streams, uint64_t dropped) {
    const auto& c = streams.counters();
    if (dropped)
        std::fprintf(stderr, "weft: %llu frames came faster than they were read\n",
                     static_cast<unsigned long long>(dropped));
    if (c.skipped_bytes)
        std::fprintf(stderr,
                     "weft: %llu bytes belong to no whole message: the capture began amid one, or packets "
                     "are missing\n",
                     static_cast<unsigned long long>(c.skipped_bytes));
}

Result<> dump_file(const Wanted& wanted, MessagePrinter& print) {
    if (wanted.write_to)
        return fail("ofdump: -w writes what a network interface brings, not what a file has");
    const auto frames = TRY(sys::read_pcap(wanted.source));
    TcpStreams streams(wanted.ports, std::ref(print));
    for (const Bytes& frame : frames) {
        streams.add(frame);
        if (print.done()) return {};
    }
    tell_losses(streams, 0);
    return {};
}

Result<> dump_device(Daemon& daemon, const Wanted& wanted, MessagePrinter& print) {
    constexpr size_t at_once = 256;
    const auto tap = TRY(sys::PacketTap::open(wanted.source));
    std::unique_ptr<sys::PcapWriter> file;
    if (wanted.write_to) file = TRY(sys::PcapWriter::create(*wanted.write_to));
    TcpStreams streams(wanted.ports, std::ref(print));
    Result<> end;
    loop::FdWatch watch(daemon.loop(), tap->fd(), {.readable = [&] {
                            end = tap->receive(at_once, [&](ByteSpan frame) {
                                if (file) file->write(frame, daemon.clock().since_1970());
                                streams.add(frame);
                            });
                            std::fflush(stdout);
                            if (!end || print.done()) daemon.loop().stop();
                        }});
    watch.watch(true, false);
    loop::SignalWatch signals(daemon.loop(), {SIGINT, SIGTERM, SIGHUP}, [&](int) { daemon.loop().stop(); });
    std::fprintf(stderr, "weft: listening on %s\n", wanted.source.c_str());
    daemon.loop().run();
    tell_losses(streams, tap->dropped());
    return end;
}

}  // namespace

Result<> ofdump(const LocalCall& call) {
    const Wanted wanted = TRY(parse_wanted(call.args));
    MessagePrinter print(call, wanted.count);
    std::error_code ignored;
    const bool is_file = wanted.source == "-" || std::filesystem::exists(wanted.source, ignored);
    if (is_file) return dump_file(wanted, print);
    auto done = dump_device(call.daemon, wanted, print);
    if (!done && done.error().code == ENODEV)
        return fail(wanted.source + " is neither a capture file nor a network interface");
    return done;
}

}  // namespace weft::cli::weft_tool
