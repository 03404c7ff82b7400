// SPDX-License-Identifier: Apache-2.0
// Instructions of OpenFlow 1.1 and newer: apply, clear and write actions, write metadata, go to table.
#include <array>
#include <optional>

#include "action/codec.h"
#include "action/wire.h"

namespace weft::action {
namespace {

using enum Version;

enum Type : uint16_t {
    goto_table = 1,
    write_metadata = 2,
    write_actions = 3,
    apply_actions = 4,
    clear_actions = 5,
    meter = 6,
    experimenter = 0xffff,
};
constexpr size_t n_types = 7;

/// The instructions of one flow by type, each without its header.
using Found = std::array<std::optional<ByteReader>, n_types>;

OfResult<> check_length(uint16_t type, size_t length) {
    const auto exactly = [&](size_t n) -> OfResult<> {
        if (length != n) return refuse(OfError::bic_bad_len);
        return {};
    };
    switch (type) {
        case goto_table:
        case clear_actions:
        case meter:
            return exactly(8);
        case write_metadata:
            return exactly(24);
        case write_actions:
        case apply_actions:
            if (length < 8) return refuse(OfError::bic_bad_len);
            return {};
        default:
            return {};
    }
}

OfResult<> add(Found& found, uint16_t type, ByteSpan body, Version version) {
    if (type == experimenter) return refuse(OfError::bic_bad_experimenter);
    if (type == 0 || type >= n_types || (type == meter && version < v13))
        return refuse(OfError::bic_unknown_inst);
    if (type == meter && version >= v15) return refuse(OfError::bic_unknown_inst);
    TRY(check_length(type, body.size() + 4));
    if (found[type]) return refuse(OfError::bic_dup_inst);
    found[type] = ByteReader(body);
    return {};
}

OfResult<Found> find(ByteSpan bytes, Version version) {
    Found found;
    if (bytes.size() % 8) return refuse(OfError::bic_bad_len);
    while (!bytes.empty()) {
        ByteReader in(bytes);
        const uint16_t type = in.u16();
        const size_t length = in.u16();
        if (!in.ok() || length < 8 || length % 8 || length > bytes.size())
            return refuse(OfError::bic_bad_len);
        TRY(add(found, type, bytes.subspan(4, length - 4), version));
        bytes = bytes.subspan(length);
    }
    return found;
}

OfResult<Actions> list_of(ByteReader in, Version version) {
    in.skip(4);
    return decode_actions(in.rest(), version);
}

/// The actions an action set may hold (ovs-actions(7) "Action Sets").
bool fits_action_set(const Action& a) {
    return std::visit(
        []<class T>(const T&) {
            constexpr auto is = []<class... U>() { return (std::is_same_v<T, U> || ...); };
            return !is.template operator()<OutputReg, OutputTrunc, Controller, Enqueue, StackPush, StackPop,
                                           Learn, Note, FinTimeout, Conjunction, Exit, Clone, PopQueue,
                                           Multipath, Bundle, Sample, CheckPktLarger, DeleteField, Nat,
                                           WriteActions, ClearActions, WriteMetadata, GotoTable>();
        },
        a.v);
}

OfResult<WriteActions> action_set_of(ByteReader in, Version version) {
    WriteActions set{TRY(list_of(in, version))};
    for (const Action& a : set.actions) {
        if (!fits_action_set(a)) return refuse(OfError::bac_bad_type);
    }
    return set;
}

/// An instruction that is being written.
class Open {
  public:
    Open(ByteWriter& out, Type type) : out_(out), start_(out.size()) {
        out.u16(type);
        out.u16(0);
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() { out_.patch_u16(start_ + 2, static_cast<uint16_t>(out_.size() - start_)); }

  private:
    ByteWriter& out_;
    size_t start_;
};

void encode_one(const WriteActions& a, Version version, ByteWriter& out) {
    const Open open(out, write_actions);
    out.zeros(4);
    encode_actions(a.actions, version, out);
}
void encode_one(const ClearActions&, Version, ByteWriter& out) {
    const Open open(out, clear_actions);
    out.zeros(4);
}
void encode_one(const WriteMetadata& a, Version, ByteWriter& out) {
    const Open open(out, write_metadata);
    out.zeros(4);
    out.u64(a.value);
    out.u64(a.mask);
}
void encode_one(const GotoTable& a, Version, ByteWriter& out) {
    const Open open(out, goto_table);
    out.u8(a.table);
    out.zeros(3);
}

void encode_one(const Meter& a, ByteWriter& out) {
    const Open open(out, meter);
    out.u32(a.meter);
}

}  // namespace

OfResult<Actions> decode_instructions(ByteSpan bytes, Version version) {
    if (version == v10) return decode_flow_actions(bytes, version);
    Found found = TRY(find(bytes, version));
    Actions out;
    if (found[apply_actions]) out = TRY(list_of(*found[apply_actions], version));
    if (found[meter]) out.insert(out.begin(), TRY(decode_meter(*found[meter])));
    if (found[clear_actions]) out.emplace_back(ClearActions{});
    if (found[write_actions]) {
        WriteActions set = TRY(action_set_of(*found[write_actions], version));
        if (!set.actions.empty()) out.emplace_back(std::move(set));
    }
    if (auto& in = found[write_metadata]) {
        in->skip(4);
        out.emplace_back(WriteMetadata{in->u64(), in->u64()});
    }
    if (auto& in = found[goto_table]) out.emplace_back(GotoTable{in->u8()});
    return out;
}

bool is_instruction(const Action& a) {
    return std::holds_alternative<WriteActions>(a.v) || std::holds_alternative<ClearActions>(a.v) ||
           std::holds_alternative<WriteMetadata>(a.v) || std::holds_alternative<GotoTable>(a.v);
}

void encode_instructions(const Actions& actions, Version version, ByteWriter& out) {
    if (version == v10) return encode_actions(actions, version, out);
    auto at = actions.begin();
    if (const auto* m = at == actions.end() ? nullptr : std::get_if<Meter>(&at->v); m && version < v15) {
        if (version >= v13) encode_one(*m, out);
        ++at;
    }
    if (at != actions.end() && !is_instruction(*at)) {
        const Open open(out, apply_actions);
        out.zeros(4);
        Encoder e(out, version);
        for (; at != actions.end() && !is_instruction(*at); ++at)
            std::visit([&](const auto& a) { encode(a, e); }, at->v);
    }
    for (; at != actions.end(); ++at) {
        std::visit(
            [&]<class T>(const T& a) {
                if constexpr (requires { encode_one(a, version, out); }) encode_one(a, version, out);
            },
            at->v);
    }
}

}  // namespace weft::action
