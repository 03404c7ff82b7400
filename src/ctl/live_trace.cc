// SPDX-License-Identifier: Apache-2.0
#include "ctl/live_trace.h"

#include <fmt/core.h>

#include <charconv>

#include "codec/json_text.h"
#include "ctl/exact_flow.h"
#include "ctl/trace_json.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;
using Runtime = bridge::Switch::Runtime;

constexpr int count_max = 100, seconds_max = 600;

using Wish = LiveTrace::Wish;

Result<int> number(const std::string& option, const std::string& text, int max) {
    int n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size() || n < 1 || n > max)
        return fail(fmt::format("{}: {}: expected a number from 1 to {}", option, text, max));
    return n;
}

Result<Wish> parse_wish(CommandArgs args) {
    obs::FormattedArgs a = TRY(obs::take_format(args));
    Wish out{.words = {}, .json = a.json};
    for (size_t i = 0; i < a.words.size(); ++i) {
        const std::string& word = a.words[i];
        const size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (name != "--count" && name != "--wait") {
            out.words.push_back(word);
            continue;
        }
        if (equals == std::string::npos && ++i == a.words.size()) return fail(name + ": needs a number");
        const std::string value = equals == std::string::npos ? a.words[i] : word.substr(equals + 1);
        if (name == "--count") out.count = TRY(number(name, value, count_max));
        if (name == "--wait") out.seconds = TRY(number(name, value, seconds_max));
    }
    return out;
}

/// In the datapath's terms: ports have other numbers there, and pipeline fields are no part of a packet.
Result<flow::Match> match_for(const Runtime& r, const std::string& text) {
    flow::PortNames names;
    for (const auto& [name, m] : r.bridge->members) names.add(m.number, name);
    flow::Match match = TRY(flow::parse_match(text, &names));
    if (match.mask.packet.in_port.raw()) {
        const bridge::Member* m = std::as_const(*r.bridge).find(match.key.of_in_port());
        if (!m || m->is_patch()) return fail(text + ": packets come in by no such port");
        match.key.set_in_port(m->dp_port);
    }
    TRY(place_options(*r.bridge->tables, match));
    if (match.mask.pipe != flow::PipelineBlock{})
        return fail(text + ": a packet has no registers or metadata when it comes in");
    return match;
}

}  // namespace

LiveTrace::LiveTrace(const Context& c) : c_(c), timer_(c.loop, [this] { end(); }) {
    c_.sw.live_traced = [this](const pipeline::TraceStory& story) { take(story); };
}

LiveTrace::~LiveTrace() { c_.sw.live_traced = nullptr; }

void LiveTrace::add_commands(obs::CommandTable& table) {
    table.add_late("ofproto/trace-live", "[--count n] [--wait seconds] [bridge] match", 1,
                   obs::CommandTable::any,
                   [this](CommandArgs args, obs::CommandReply reply) { start(args, std::move(reply)); });
}

void LiveTrace::start(CommandArgs args, obs::CommandReply reply) {
    if (reply_) return reply(fail("another live trace is under way: wait for its end"));
    auto wish = parse_wish(args);
    if (!wish) return reply(std::unexpected(wish.error()));
    if (auto begun = begin(*std::move(wish)); !begun) return reply(std::unexpected(begun.error()));
    reply_.emplace(std::move(reply));
    timer_.at(c_.loop.now() + std::chrono::seconds(wish_.seconds));
}

Result<void> LiveTrace::begin(Wish wish) {
    if (wish.words.empty() || wish.words.size() > 2) return fail("expected [BRIDGE] MATCH");
    auto& bridges = c_.sw.bridges();
    if (wish.words.size() == 1 && bridges.size() != 1)
        return fail("there is not just one bridge: name one before the match");
    Runtime* r = wish.words.size() == 1
                     ? &bridges.begin()->second
                     : TRY(find_bridge(c_, wish.words[0], wish.words[0] + ": no such bridge"));
    const flow::Match match = TRY(match_for(*r, wish.words.back()));
    if (!r->backer->datapath().set_tap(match)) return fail("this datapath cannot show packets as they come");
    wish_ = std::move(wish);
    bridge_ = r->bridge->config.name;
    stories_.clear();
    r->backer->cache().trace_next(r->bridge->id, wish_.count);
    return {};
}

void LiveTrace::take(const pipeline::TraceStory& story) {
    if (!reply_) return;
    stories_.push_back(story);
    if (stories_.size() >= static_cast<size_t>(wish_.count)) end();
}

void LiveTrace::end() {
    timer_.cancel();
    if (Runtime* r = c_.sw.find(bridge_)) {
        r->backer->cache().trace_next(r->bridge->id, 0);
        (void)r->backer->datapath().set_tap({});
    }
    if (!reply_) return;
    obs::CommandReply reply = *std::exchange(reply_, std::nullopt);
    reply(text());
}

std::string LiveTrace::text() const {
    codec::JsonArray list;
    std::string out;
    for (const auto& story : stories_) {
        if (wish_.json) list.push_back(to_json(story));
        out += (out.empty() ? "" : "\n") + pipeline::to_text(story);
    }
    if (wish_.json) return codec::format_json(codec::Json(std::move(list))) + "\n";
    return out.empty() ? fmt::format("No packet matched within {} s.\n", wish_.seconds) : out;
}

}  // namespace weft::ctl
