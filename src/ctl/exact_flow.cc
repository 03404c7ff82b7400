// SPDX-License-Identifier: Apache-2.0
#include "ctl/exact_flow.h"

#include <fmt/core.h>

#include "flow/match_text.h"

namespace weft::ctl {

namespace {

Result<void> add_word(const flow::KeyValue& word, const flow::PortNames& names, flow::Match& match) {
    const flow::Field* field = flow::find_field(word.key);
    if (field && !flow::prereq_holds(field->prereq, match))
        return fail(fmt::format("prerequisites not met for setting {}", word.key));
    const auto known = flow::parse_match_word(word, &names, match);
    if (!known) return fail(fmt::format("bad value for {} ({})", word.key, known.error().message));
    if (!*known) return fail(fmt::format("unknown field {}", word.key));
    const bool no_value = word.value.empty() || word.value == "*";
    if (field && field->is_tun_metadata() && no_value)
        return fail(fmt::format("bad value for {} (: bad syntax for {} value)", word.key, word.key));
    return {};
}

}  // namespace

Result<flow::Match> parse_exact_flow(std::string_view text, const flow::PortNames& names) {
    flow::Match match;
    for (std::string_view rest = text; const auto word = flow::next_key_value(rest);)
        if (const auto added = add_word(*word, names, match); !added)
            return fail(fmt::format("{}: {}", text, added.error().message));
    flow::finish_match(match);
    return match;
}

Result<void> place_options(const pipeline::Tables& tables, flow::Match& match) {
    if (match.options.empty()) return {};
    const auto placed = tables.option_layout()->place(match);
    if (placed) return {};
    const bool unknown = placed.error() == flow::TlvLayout::Refusal::not_mapped;
    return fail(unknown ? "tun_metadata: an option is not mapped: ovs-ofctl add-tlv-map maps it"
                        : "tun_metadata: a value is longer than the option: see ovs-ofctl dump-tlv-map");
}

}  // namespace weft::ctl
