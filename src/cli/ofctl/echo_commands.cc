// SPDX-License-Identifier: Apache-2.0
// probe, ping and benchmark: echoes.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/prng.h"
#include "cli/ofctl/tool.h"
#include "openflow/print/text.h"

namespace weft::cli::ofctl {
namespace {

/// As atoi() reads it: what is no number is 0.
size_t number(const std::string& text) { return static_cast<size_t>(std::max(std::atoi(text.c_str()), 0)); }

Bytes random_bytes(Tool& t, size_t n) {
    Prng prng(t.daemon().new_seed());
    Bytes out(n);
    for (uint8_t& b : out) b = static_cast<uint8_t>(prng.next());
    return out;
}

double ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

std::string fixed(double v, int digits) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, v);
    return text.data();
}

constexpr size_t max_payload = openflow::max_message - openflow::header_size;

}  // namespace

Result<> probe(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    const Bytes reply = TRY(client->ask(openflow::EchoRequest{}));
    if (reply.size() != openflow::header_size) return fail("reply does not match request");
    return {};
}

Result<> ping(Tool& t, Args args) {
    constexpr int times = 10;
    constexpr size_t usual = 64;
    const size_t payload = args.size() > 1 ? number(args[1]) : usual;
    if (payload > max_payload)
        return fail("payload must be between 0 and " + std::to_string(max_payload) + " bytes");
    const auto client = TRY(t.open(args[0]));
    for (int i = 0; i < times; ++i) {
        const openflow::EchoRequest request{random_bytes(t, payload)};
        const Time sent = t.daemon().loop().now();
        const Bytes reply = TRY(client->ask(request));
        const Duration took = t.daemon().loop().now() - sent;
        const auto header = openflow::read_header(reply);
        const bool same = std::ranges::equal(ByteSpan(reply).subspan(openflow::header_size), request.data);
        std::string xid = openflow::hex(header.xid).substr(2);
        xid.insert(0, 8 - xid.size(), '0');
        t.print(std::to_string(reply.size() - openflow::header_size) + " bytes from " + args[0] +
                ": xid=" + xid + " time=" + fixed(ms(took), 1) + " ms" +
                (same ? "" : " (reply differs from request)") + "\n");
    }
    return {};
}

Result<> benchmark(Tool& t, Args args) {
    const size_t payload = number(args[1]), count = number(args[2]), size = payload + openflow::header_size;
    if (payload > max_payload)
        return fail("payload must be between 0 and " + std::to_string(max_payload) + " bytes");
    t.print("Sending " + std::to_string(count) + " packets * " + std::to_string(size) +
            " bytes (with header) = " + std::to_string(count * size) + " bytes total\n");
    const auto client = TRY(t.open(args[0]));
    const openflow::EchoRequest request{random_bytes(t, payload)};
    const Time began = t.daemon().loop().now();
    for (size_t i = 0; i < count; ++i) TRY(client->ask(request));
    const double took = ms(t.daemon().loop().now() - began);
    const double seconds = took / 1000;
    t.print("Finished in " + fixed(took, 1) + " ms (" + fixed(static_cast<double>(count) / seconds, 0) +
            " packets/s) (" + fixed(static_cast<double>(count * size) / seconds, 0) + " bytes/s)\n");
    return {};
}

}  // namespace weft::cli::ofctl
