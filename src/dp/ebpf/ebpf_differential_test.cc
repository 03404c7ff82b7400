// SPDX-License-Identifier: Apache-2.0
// Random flows and frames: the program finds what FlowTable would find, and edits as user space does. Needs
// root.
#include <set>

#include "dp/core/edit.h"
#include "dp/core/flow_hash.h"
#include "dp/ebpf/ebpf_pairs.h"
#include "dp/ebpf/frames.h"

namespace weft::dp {
namespace {

using packet::Packet;
namespace act = action::dp;

constexpr uint32_t redirected = 7;  // TC_ACT_REDIRECT
constexpr uint32_t xdp_passed = 2, xdp_redirected = 4;

class EbpfDifferential : public testing::EbpfPairs {
  protected:
    void SetUp() override {
        EbpfPairs::SetUp();
        dp_->set_handler(nullptr);  // what goes up ends there
        in_ifindex_ = static_cast<uint32_t>(index("s1"));
    }
    /// None: the kernel's harness does not take such a frame.
    std::optional<sys::TestResult> run_program(ByteSpan frame) {
        auto result = sys::test_run(ebpf_->ingress_program(), {.frame = frame, .ifindex = in_ifindex_});
        if (result) return std::move(*result);
        ++refused_;
        EXPECT_EQ(result.error().code, EINVAL) << result.error().message;
        return std::nullopt;
    }
    flow::FlowKey key_of(ByteSpan frame) {
        flow::FlowKey key{};
        flow::extract(frame, key.packet);
        key.set_in_port(DpPort{1});
        return key;
    }

    Prng random_{20261126};
    const std::vector<Bytes> frames_ = testing::usual_frames();
    uint32_t in_ifindex_ = 0;
    int refused_ = 0;
};

enum class Hook : uint8_t { tc, xdp };

class EbpfDifferentialAtHook : public EbpfDifferential, public ::testing::WithParamInterface<Hook> {
  protected:
    void SetUp() override {
        EbpfDifferential::SetUp();
        if (GetParam() == Hook::tc) return;
        testing::run("ethtool -K h2 gro on && ethtool -K s1 tso off && ethtool -K s2 tso off");
        dp_->set_port_options(
               DpPort{1}, {.name = "s1", .type = "system", .options = {{"ebpf-hook", "xdp"}}, .request = {}})
            .value();
        ASSERT_EQ(dp_->port_state(DpPort{1})->status.at("ebpf_hook"), "xdp")
            << dp_->port_state(DpPort{1})->status.at("ebpf_hook_reason");
        ASSERT_NE(ebpf_->xdp_program(), -1);
        dp_->run(clock_.now());  // which looks at the other port's device too
    }
    /// None: not this program's business.
    std::optional<bool> is_redirected(ByteSpan frame) {
        if (GetParam() == Hook::xdp) {
            const auto result =
                sys::test_run_xdp(ebpf_->xdp_program(), {.frame = frame, .ifindex = in_ifindex_}).value();
            if (result.code == xdp_passed) return std::nullopt;
            return result.code == xdp_redirected;
        }
        const uint64_t odd = ebpf_->program_counters().up[weft_odd_packet];
        const auto result = run_program(frame);
        if (!result || ebpf_->program_counters().up[weft_odd_packet] != odd) return std::nullopt;
        return result->code == redirected;
    }
    /// The frame that leaves; none: it does not, or that is not this program's business.
    std::optional<Bytes> sent(ByteSpan frame) {
        const bool xdp = GetParam() == Hook::xdp;
        auto result = xdp ? std::optional(sys::test_run_xdp(ebpf_->xdp_program(),
                                                            {.frame = frame, .ifindex = in_ifindex_})
                                              .value())
                          : run_program(frame);
        if (!result || result->code != (xdp ? xdp_redirected : redirected)) return std::nullopt;
        return std::move(result->frame);
    }
    struct Compared {
        int compared = 0, changed = 0;
        std::set<std::pair<size_t, act::L4>> kinds{};  ///< of edits that alone have changed a frame
        std::string difference{};
    };
    /// Random edits of random frames, up to the first that the kernel does otherwise than user space.
    Compared compare_edits(int rounds, Skip planted);
    /// Random flows and frames, up to the first frame that hits and should not, or the other way round; user
    /// space's flows are looked at without one word of the key.
    std::string compare_hits(int n_frames, std::optional<size_t> ignored_word);
    /// The same few frames again and again, while flows of ever other masks come and go: up to the first
    /// frame that hits and should not, or the other way round. `late`: what user space has is looked at as it
    /// was before the last change.
    std::string compare_hits_of_known_frames(bool late);
    std::vector<flow::Match> matches();
    bool uses_hints() const {
        const auto facts = ebpf_->facts();
        const auto it = std::ranges::find(facts, "hints", &DatapathFact::name);
        return it != facts.end() && it->value != 0;
    }
};

bool matches_any(const std::vector<flow::Match>& flows, const flow::FlowKey& key) {
    return std::ranges::any_of(flows, [&](const flow::Match& m) {
        const auto k = flow::words(key), mask = flow::words(m.mask), value = flow::words(m.key);
        for (size_t w = 0; w < mask.size(); ++w)
            if ((k[w] ^ value[w]) & mask[w]) return false;
        return true;
    });
}

std::vector<flow::Match> EbpfDifferentialAtHook::matches() {
    std::vector<flow::Match> out;
    dp_->for_each_flow([&](const FlowInfo& info) { out.push_back(info.match); });
    return out;
}

/// Some of a key's words, or some bits of them.
flow::FlowMask random_mask(Prng& random) {
    flow::FlowMask mask{};
    const auto words = flow::words(mask);
    // At least what tells kinds of frames apart.
    mask.packet.eth_type = be_max<Be16>;
    mask.packet.nw_proto = 0xff;
    mask.packet.tp_src = mask.packet.tp_dst = be_max<Be16>;
    for (uint64_t n = 1 + random.below(7); n > 0; --n)
        words[flow::packet_word + random.below(flow::packet_words)] |=
            random.one_in(2) ? ~uint64_t{0} : random.next() & random.next();
    return mask;
}

std::string EbpfDifferentialAtHook::compare_hits(int n_frames, std::optional<size_t> ignored_word) {
    constexpr uint64_t n_flows = 40, n_masks = 20;
    std::vector<flow::FlowMask> masks;
    for (uint64_t i = 0; i < n_masks; ++i) masks.push_back(random_mask(random_));
    const auto actions = std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{2}}});
    dp_->flush_flows();
    for (uint64_t i = 0; i < n_flows; ++i) {
        const flow::Match match{key_of(testing::random_frame(random_, frames_)),
                                masks[random_.below(n_masks)]};
        (void)dp_->put_flow({7, i}, match, actions, PutMode::create);
        if (i % 5 == 4) (void)dp_->remove_flow({7, random_.below(i)});
    }
    ebpf_->settle();
    std::vector<flow::Match> flows = matches();
    if (ignored_word)
        for (flow::Match& m : flows) flow::words(m.mask)[*ignored_word] = 0;
    EXPECT_EQ(ebpf_->flow_counts().flows, flows.size());
    uint64_t hits = 0, known = 0;
    for (int i = 0; i < n_frames; ++i) {
        const Bytes frame = testing::random_frame(random_, frames_);
        const uint64_t before = ebpf_->program_counters().hit;
        const auto forwarded = is_redirected(frame);
        if (!forwarded) continue;
        ++known;
        const bool matches = matches_any(flows, key_of(frame));
        if (*forwarded != matches || ebpf_->program_counters().hit - before != matches)
            return format_hex(frame);
        hits += matches;
    }
    EXPECT_GT(hits, known / 10);
    EXPECT_GT(known - hits, known / 10);
    uint64_t counted = 0;
    dp_->for_each_flow([&](const FlowInfo& info) { counted += info.stats.packets; });
    EXPECT_EQ(counted, hits);
    return {};
}

TEST_P(EbpfDifferentialAtHook, a_frame_hits_exactly_if_a_flow_matches_it) {
    constexpr int n_frames = 20000;
    EXPECT_EQ(compare_hits(n_frames, {}), "");
}

/// The test above can fail: a lookup that forgot a word of the masks would be found.
TEST_P(EbpfDifferentialAtHook, a_word_that_lookups_forgot_would_be_found) {
    constexpr int n_frames = 20000;
    flow::FlowMask mask{};
    mask.packet.eth_type = be_max<Be16>;
    mask.packet.nw_proto = 0xff;
    mask.packet.tp_src = be_max<Be16>;
    const auto words = flow::words(mask);
    for (size_t w = 0; w < words.size(); ++w)
        if (words[w]) EXPECT_NE(compare_hits(n_frames, w), "") << w;
}

std::string EbpfDifferentialAtHook::compare_hits_of_known_frames(bool late) {
    constexpr uint64_t n_flows = 12, n_frames = 30;
    constexpr int rounds = 400;
    std::vector<Bytes> known;
    for (uint64_t i = 0; i < n_frames; ++i) known.push_back(testing::random_frame(random_, frames_));
    const auto actions = std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{2}}});
    dp_->flush_flows();
    int hits = 0, changed = 0, with_hints = 0;
    std::vector<bool> before(n_frames);
    for (int i = 0; i < rounds; ++i) {
        const std::vector<flow::Match> former = matches();
        const FlowId id{7, random_.below(n_flows)};
        (void)dp_->remove_flow(id);
        if (!random_.one_in(4)) {
            const flow::Match match{key_of(known[random_.below(n_frames)]), random_mask(random_)};
            (void)dp_->put_flow(id, match, actions, PutMode::create);
        }
        ebpf_->settle();
        dp_->run(clock_.now() + 2s * (i + 1));
        with_hints += uses_hints();
        const std::vector<flow::Match> flows = late ? former : matches();
        for (size_t f = 0; f < n_frames; ++f) {
            const auto forwarded = is_redirected(known[f]);
            if (!forwarded) continue;
            if (*forwarded != matches_any(flows, key_of(known[f]))) return format_hex(known[f]);
            hits += *forwarded;
            changed += *forwarded != before[f];
            before[f] = *forwarded;
        }
    }
    EXPECT_GT(hits, rounds);
    EXPECT_GT(changed, rounds / 4);
    EXPECT_GT(with_hints, rounds / 2);
    return {};
}

/// What a packet is looked up by first is only a guess.
TEST_P(EbpfDifferentialAtHook, hints_that_time_has_overtaken_mislead_nobody) {
    EXPECT_EQ(compare_hits_of_known_frames(false), "");
}

TEST_P(EbpfDifferentialAtHook, a_flow_found_by_a_hint_after_it_is_gone_would_be_noticed) {
    EXPECT_NE(compare_hits_of_known_frames(true), "");
}

INSTANTIATE_TEST_SUITE_P(, EbpfDifferentialAtHook, ::testing::Values(Hook::tc, Hook::xdp),
                         [](const auto& info) { return info.param == Hook::tc ? "tc" : "xdp"; });

/// Memory grows beside what is in use: nothing that was put is ever missed, nothing that was removed found.
TEST_F(EbpfDifferential, flows_are_found_while_the_table_grows) {
    constexpr uint32_t n_flows = 20000, between = 50;
    const auto actions = std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{2}}});
    flow::Match match{};
    match.mask.packet.in_port = match.mask.packet.nw_dst = be_max<Be32>;
    const auto key = [&](uint32_t i) {
        match.key.set_in_port(DpPort{1});
        match.key.packet.nw_dst = Be32(0x0a000000 + i);
        return match;
    };
    const auto hits = [&](uint32_t i) {
        ebpf_->settle();
        const Mac a = Mac::from_u64(0x02000000000a), b = Mac::from_u64(0x02000000000b);
        return run_program(packet::PacketBuilder()
                               .eth(a, b)
                               .ip4(Be32(1), Be32(0x0a000000 + i))
                               .udp(1, 2)
                               .payload(20)
                               .bytes())
                   ->code == redirected;
    };
    std::vector<bool> there(n_flows);
    for (int round = 0; round < 2; ++round) {
        for (uint32_t i = 0; i < n_flows; ++i) {
            dp_->put_flow({7, i}, key(i), actions, PutMode::create).value();
            there[i] = true;
            if (i % between) continue;
            const auto gone = static_cast<uint32_t>(random_.below(i + 1));
            (void)dp_->remove_flow({7, gone});
            there[gone] = false;
            for (const uint32_t some : {i, gone, static_cast<uint32_t>(random_.below(i + 1))})
                ASSERT_EQ(hits(some), there[some]) << some << " of " << i;
        }
        EXPECT_EQ(ebpf_->flow_counts().left_out, 0u);
        EXPECT_EQ(ebpf_->flow_counts().flows, static_cast<size_t>(std::ranges::count(there, true)));
        for (uint32_t i = 0; i < n_flows; ++i) ASSERT_EQ(hits(i), there[i]) << i;
        dp_->flush_flows();
        ASSERT_FALSE(hits(n_flows / 2));
        there.assign(n_flows, false);
    }
}

template <class T>
T random_bytes(Prng& random) {
    T out;
    for (size_t i = 0; i < sizeof out; ++i)
        reinterpret_cast<uint8_t*>(&out)[i] = static_cast<uint8_t>(random.next());
    return out;
}
template <class Header>
act::Set<Header> random_set(Prng& random) {
    act::Set<Header> s{random_bytes<Header>(random), random_bytes<Header>(random)};
    if (random.one_in(2)) std::memset(&s.mask, 0xff, sizeof s.mask);
    return s;
}

act::Action random_edit(Prng& random) {
    switch (random.below(9)) {
        case 0:
            return random_set<act::EthHeader>(random);
        case 1:
            return random_set<act::Ipv4Header>(random);
        case 2:
            return random_set<act::Ipv6Header>(random);
        case 3:
            return random_set<act::ArpHeader>(random);
        case 4:
            return random_set<act::NdHeader>(random);
        case 5:
            return random_set<act::MplsHeader>(random);
        case 6:
            return act::PushMpls{Be32(static_cast<uint32_t>(random.next())),
                                 Be16(random.one_in(2) ? 0x8847 : 0x8848)};
        case 7:
            return act::PopMpls{Be16(random.one_in(2) ? 0x8847 : 0x0800)};
        default: {
            constexpr act::L4 protocols[] = {act::L4::tcp, act::L4::udp, act::L4::sctp, act::L4::icmp,
                                             act::L4::icmpv6};
            const auto s = random_set<act::L4Header>(random);
            return act::SetL4{protocols[random.below(std::size(protocols))], s.value, s.mask};
        }
    }
}

struct EditInUserSpace {
    Packet& packet;
    Skip planted = Skip::nothing;
    template <class T>
    void operator()(const T& a) const {
        if constexpr (requires { edit(packet, a, planted); })
            edit(packet, a, planted);
        else if constexpr (requires { edit(packet, a); })
            edit(packet, a);
    }
};

/// At tc a tag is kept beside the frame, where the kernel's harness does not show it.
act::Action random_edit_or_tag(Prng& random, Hook hook) {
    if (hook == Hook::tc || !random.one_in(3)) return random_edit(random);
    if (random.one_in(2)) return act::PopVlan{};
    return act::PushVlan{Be16(random.one_in(2) ? 0x8100 : 0x88a8),
                         Be16(static_cast<uint16_t>(random.next() | flow::vlan_present))};
}

EbpfDifferentialAtHook::Compared EbpfDifferentialAtHook::compare_edits(int rounds, Skip planted) {
    Compared out;
    flow::Match match{};
    match.mask.packet.in_port = be_max<Be32>;
    match.key.set_in_port(DpPort{1});
    for (int i = 0; i < rounds; ++i) {
        act::Actions list;
        for (uint64_t n = 1 + random_.below(3); n > 0; --n)
            list.push_back(random_edit_or_tag(random_, GetParam()));
        act::Actions with_output = list;
        with_output.emplace_back(act::Output{DpPort{2}});
        dp_->put_flow({7, 1}, match, std::make_shared<const act::Actions>(with_output),
                      PutMode::create_or_modify)
            .value();
        ebpf_->settle();
        const Bytes frame = testing::random_frame(random_, frames_);
        const auto result = sent(frame);
        if (!result) continue;
        Packet expected = Packet::copy_of(frame);
        for (const act::Action& a : list) std::visit(EditInUserSpace{expected, planted}, a.v);
        if (!std::ranges::equal(*result, expected.bytes())) {
            out.difference = format_hex(frame) + "\nkernel " + format_hex(*result) + "\nuser   " +
                             format_hex(expected.bytes());
            return out;
        }
        ++out.compared;
        if (std::ranges::equal(frame, expected.bytes())) continue;
        ++out.changed;
        const auto* l4 = std::get_if<act::SetL4>(&list[0].v);
        if (list.size() == 1) out.kinds.emplace(list[0].v.index(), l4 ? l4->proto : act::L4::tcp);
    }
    return out;
}

TEST_P(EbpfDifferentialAtHook, headers_are_rewritten_as_user_space_does_it) {
    constexpr int rounds = 20000;
    const Compared c = compare_edits(rounds, Skip::nothing);
    EXPECT_EQ(c.difference, "");
    EXPECT_EQ(c.kinds.size(), 6u + 2u + 5u) << "headers, labels or tags, ports of each protocol";
    EXPECT_GT(c.compared, rounds / 4);
    EXPECT_GT(c.changed, c.compared / 4);
}

/// The test above can fail: each checksum that is not brought up to date would be found.
TEST_P(EbpfDifferentialAtHook, a_checksum_that_does_not_follow_would_be_found) {
    constexpr int rounds = 20000;
    for (const Skip planted : {Skip::ip_checksum, Skip::pseudo_header, Skip::transport_checksum})
        EXPECT_NE(compare_edits(rounds, planted).difference, "") << static_cast<int>(planted);
}

TEST_F(EbpfDifferential, frames_are_cut_as_user_space_does_it) {
    constexpr int rounds = 3000;
    constexpr uint32_t longest = 120;
    flow::Match match{};
    match.mask.packet.in_port = be_max<Be32>;
    match.key.set_in_port(DpPort{1});
    int compared = 0, shorter = 0;
    for (int i = 0; i < rounds; ++i) {
        const auto size = static_cast<uint32_t>(14 + random_.below(longest));
        const act::Action edit = random_edit(random_);
        const act::Actions list{edit, act::Trunc{size}, act::Output{DpPort{2}}};
        dp_->put_flow({7, 1}, match, std::make_shared<const act::Actions>(list), PutMode::create_or_modify)
            .value();
        ebpf_->settle();
        const Bytes frame = testing::random_frame(random_, frames_);
        const auto result = run_program(frame);
        if (!result || result->code != redirected) continue;
        Packet expected = Packet::copy_of(frame);
        std::visit(EditInUserSpace{expected}, edit.v);
        expected.truncate(std::min(expected.size(), size));
        ASSERT_EQ(format_hex(result->frame), format_hex(expected.bytes())) << format_hex(frame);
        ++compared;
        shorter += expected.size() < frame.size();
    }
    EXPECT_GT(compared, rounds / 3);
    EXPECT_GT(shorter, compared / 8);
}

/// Groups that choose by it: else a flow's packets would part, some by user space and some by the kernel.
TEST_F(EbpfDifferential, the_hash_of_a_packet_is_that_of_user_space_and_selects_in_the_kernel) {
    constexpr int rounds = 300;
    flow::Match first{}, second{};
    first.mask.packet.in_port = second.mask.packet.in_port = be_max<Be32>;
    first.key.set_in_port(DpPort{1});
    second.key.set_in_port(DpPort{1});
    first.mask.packet.recirc_id = second.mask.packet.recirc_id = second.mask.packet.dp_hash = be_max<Be32>;
    second.key.packet.recirc_id = Be32(5);
    const auto output = std::make_shared<const act::Actions>(act::Actions{act::Output{DpPort{2}}});
    int found = 0;
    for (int i = 0; i < rounds; ++i) {
        const Bytes frame = testing::random_frame(random_, frames_);
        const act::Hash hash{static_cast<uint32_t>(random_.below(2)), static_cast<uint32_t>(random_.next())};
        act::Actions list;
        if (random_.one_in(2)) list.push_back(random_edit(random_));
        Packet expected = Packet::copy_of(frame);
        for (const act::Action& a : list) std::visit(EditInUserSpace{expected}, a.v);
        list.emplace_back(hash);
        list.emplace_back(act::Recirc{5});
        dp_->flush_flows();
        dp_->put_flow({7, 1}, first, std::make_shared<const act::Actions>(list), PutMode::create).value();
        flow::FlowKey key{};
        flow::extract(expected.bytes(), key.packet);
        second.key.packet.dp_hash = Be32(flow_hash(key.packet, hash));
        dp_->put_flow({7, 2}, second, output, PutMode::create).value();
        ebpf_->settle();
        const weft_counters before = ebpf_->program_counters();
        const auto result = run_program(frame);
        const weft_counters after = ebpf_->program_counters();
        if (!result || after.up[weft_odd_packet] != before.up[weft_odd_packet] ||
            after.up[weft_action] != before.up[weft_action])
            continue;
        ASSERT_EQ(after.hit - before.hit, 2u) << format_hex(frame);
        ASSERT_EQ(result->code, redirected) << format_hex(frame);
        ++found;
    }
    EXPECT_GT(found, rounds / 3);
}

}  // namespace
}  // namespace weft::dp
