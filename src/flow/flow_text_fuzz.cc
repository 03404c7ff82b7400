// SPDX-License-Identifier: Apache-2.0
// Any text as a match, a datapath flow or a subfield: refused, or what is printed reads back as the same.
#include "flow/compose.h"
#include "flow/dp_text.h"
#include "flow/extract.h"
#include "flow/match_text.h"

namespace {

using namespace weft;
using namespace weft::flow;

void check_match(std::string_view text) {
    const auto m = parse_match(text);
    if (!m) return;
    const std::string printed = format_match(*m);
    const auto again = parse_match(printed);
    // A masked icmp_type or icmp_code, given as tp_src or tp_dst, prints as what is refused: as Debian's has
    // it.
    if (!again && printed.find("icmp") != std::string::npos) return;
    CHECK(again);
    CHECK(format_match(*again) == printed);
    compose_packet(m->key);
}

void check_dp_flow(std::string_view text) {
    if (const auto key = parse_dp_key(text)) compose_packet(*key);
    const auto m = parse_dp_flow(text);
    if (!m) return;
    const std::string printed = format_dp_flow(m->key, m->mask);
    const auto again = parse_dp_flow(printed);
    CHECK(again);
    CHECK(format_dp_flow(again->key, again->mask) == printed);
    format_dp_flow(m->key, m->mask, {.verbose = true});
    FlowKey key{};
    extract(compose_packet(m->key), key.packet);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text = as_chars({data, size});
    check_match(text);
    check_dp_flow(text);
    if (const auto sf = parse_subfield(text)) CHECK(parse_subfield(format_subfield(*sf)) == sf);
    return 0;
}
