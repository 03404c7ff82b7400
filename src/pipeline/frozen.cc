// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frozen.h"

#include <algorithm>

#include "action/wire.h"

namespace weft::pipeline {

namespace {

constexpr uint32_t magic = 0x57667a6e;  // "Wfzn"
constexpr uint16_t format = 1;
constexpr auto of_version = action::Version::v15;
constexpr size_t frames_max = 1024, stack_max = 65536 / sizeof(flow::FieldValue);

enum Flag : uint8_t { packet_out = 1, hashed = 2, paused = 4, tunnel = 8, priority = 16, all_flags = 31 };

/// Blocks are mostly zero: the words that are not, by number.
void put_words(const void* block, size_t bytes, ByteWriter& out) {
    const auto* p = static_cast<const uint8_t*>(block);
    const size_t count_at = out.size();
    uint16_t n = 0;
    out.u16(0);
    for (size_t i = 0; i < bytes; i += 8) {
        if (std::all_of(p + i, p + i + 8, [](uint8_t b) { return b == 0; })) continue;
        out.u16(static_cast<uint16_t>(i / 8));
        out.bytes({p + i, 8});
        ++n;
    }
    out.patch_u16(count_at, n);
}

bool get_words(ByteReader& in, void* block, size_t bytes) {
    auto* p = static_cast<uint8_t*>(block);
    int last = -1;
    for (uint16_t n = in.u16(); n > 0; --n) {
        const uint16_t at = in.u16();
        const ByteSpan word = in.take(8);
        if (!in.ok() || at >= bytes / 8 || at <= last) return false;
        last = at;
        std::copy(word.begin(), word.end(), p + size_t{8} * at);
    }
    return in.ok();
}

void put_actions(const action::Actions& actions, ByteWriter& out) {
    ByteWriter list;
    action::encode_instructions(actions, of_version, list);
    out.u32(static_cast<uint32_t>(list.size()));
    out.bytes(list.span());
}

bool get_actions(ByteReader& in, action::Actions& out) {
    const uint32_t size = in.u32();
    const ByteSpan bytes = in.take(size);
    if (!in.ok()) return false;
    auto actions = action::decode_instructions(bytes, of_version);
    if (actions) out = *std::move(actions);
    return actions.has_value();
}

void put_frame(const Frozen::Frame& f, ByteWriter& out) {
    out.u8(f.table);
    out.u8(f.in_action_set);
    out.u64(f.cookie);
    put_actions(f.actions, out);
}

bool get_frame(ByteReader& in, Frozen::Frame& f) {
    f.table = in.u8();
    const uint8_t flag = in.u8();
    f.in_action_set = flag == 1;
    f.cookie = in.u64();
    return flag <= 1 && get_actions(in, f.actions);
}

uint8_t flags_of(const Frozen& s) {
    return static_cast<uint8_t>((s.packet_out ? packet_out : 0) | (s.hashed ? hashed : 0) |
                                (s.paused ? paused : 0) | (s.tunnel ? tunnel : 0) |
                                (s.priority ? priority : 0));
}

std::unexpected<Error> bad(const char* what) { return fail(std::string("frozen state: ") + what); }

}  // namespace

Bytes encode(const Frozen& s) {
    ByteWriter out;
    out.u32(magic);
    out.u16(format);
    out.write(s.bridge);
    out.u16(s.in_port.value);
    out.u8(flags_of(s));
    if (s.priority) out.write(*s.priority);
    out.u64(s.cookie);
    put_words(&s.pipe, sizeof s.pipe, out);
    if (s.tunnel) put_words(&*s.tunnel, sizeof *s.tunnel, out);
    out.u16(static_cast<uint16_t>(s.stack.size()));
    for (const auto& value : s.stack) out.write(value);
    put_actions(s.action_set, out);
    out.u16(static_cast<uint16_t>(s.frames.size()));
    for (const auto& frame : s.frames) put_frame(frame, out);
    return out.take();
}

Result<Frozen> decode_frozen(ByteSpan bytes) {
    ByteReader in(bytes);
    if (in.u32() != magic) return bad("does not begin as one");
    if (const uint16_t version = in.u16(); version != format)
        return bad(("of format " + std::to_string(version) + "; this switch knows format 1").c_str());
    Frozen s;
    s.bridge = in.read<Uuid>();
    s.in_port = OfPort{in.u16()};
    const uint8_t flags = in.u8();
    if (flags & ~all_flags) return bad("unknown flags");
    s.packet_out = flags & packet_out;
    s.hashed = flags & hashed;
    s.paused = flags & paused;
    if (flags & priority) s.priority = in.read<Be32>();
    s.cookie = in.u64();
    if (!get_words(in, &s.pipe, sizeof s.pipe)) return bad("bad registers");
    if (flags & tunnel && !get_words(in, &s.tunnel.emplace(), sizeof(flow::TunnelBlock)))
        return bad("bad tunnel fields");
    const uint16_t n_stack = in.u16();
    if (n_stack > stack_max) return bad("stack too deep");
    for (uint16_t i = 0; i < n_stack && in.ok(); ++i) s.stack.push_back(in.read<flow::FieldValue>());
    if (!get_actions(in, s.action_set)) return bad("bad action set");
    const uint16_t n_frames = in.u16();
    if (n_frames > frames_max) return bad("too many frames");
    for (uint16_t i = 0; i < n_frames; ++i)
        if (!get_frame(in, s.frames.emplace_back())) return bad("bad list of actions");
    if (!in.ok()) return bad("too short");
    if (!in.empty()) return bad("bytes left over");
    return s;
}

}  // namespace weft::pipeline
