// SPDX-License-Identifier: Apache-2.0
#include "loop/time_commands.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace weft::loop {
namespace {

using Milliseconds = std::chrono::milliseconds;

std::optional<Milliseconds> parse_ms(const std::string& text) {
    int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
    return Milliseconds(value);
}

void warp(Loop& loop, Milliseconds left, Milliseconds step, obs::CommandReply reply) {
    loop.clock().advance(std::min(left, step));
    loop.when_idle([&loop, left = left - step, step, reply = std::move(reply)]() mutable {
        if (left <= Milliseconds::zero()) return reply("warped");
        warp(loop, left, step, std::move(reply));
    });
}

}  // namespace

void add_time_commands(obs::CommandTable& table, Loop& loop) {
    table.add("time/stop", "", 0, 0, [&loop](obs::CommandArgs) -> Result<std::string> {
        loop.clock().stop();
        return {};
    });
    table.add_late("time/warp", "[large_msecs] msecs", 1, 2,
                   [&loop](obs::CommandArgs args, obs::CommandReply reply) {
                       const auto first = parse_ms(args.front()), step = parse_ms(args.back());
                       if (!first || !step) return reply(fail("invalid MSECS"));
                       warp(loop, *first, *step, std::move(reply));
                   });
}

}  // namespace weft::loop
