// SPDX-License-Identifier: Apache-2.0
// Internal to action/: what the files of the single actions share to read and write wire forms.
#pragma once

#include <optional>
#include <span>

#include "action/action.h"
#include "action/match_error.h"
#include "action/of_error.h"
#include "action/version.h"
#include "base/bytes.h"
#include "flow/field.h"
#include "flow/oxm.h"

namespace weft::action {

inline constexpr uint32_t nicira_vendor = 0x00002320, onf_vendor = 0x4f4e4600;

/// What follows an action's header: behind type and length, and behind vendor and subtype of an extension.
struct Body {
    ByteReader in;
    Version version;
    int depth = 0;  ///< of the list it stands in
};
bool is_instruction(const Action& a);
/// The rest of the body as a list of actions.
OfResult<Actions> decode_nested(Body& b);
/// The same, where actions for connections may stand.
OfResult<Actions> decode_inside_ct(Body& b);
/// A list that write_metadata may end.
OfResult<Actions> decode_flow_actions(ByteSpan bytes, Version version);

/// One wire form. Standard actions have vendor 0.
struct WireForm {
    uint32_t vendor;
    uint16_t type;
    Version first, last;
    uint16_t length;  ///< of the whole action; or at least, if `grows`
    bool grows;
    OfResult<Action> (*decode)(Body&);
};

/// The forms of each file; decode_actions() looks through them all.
namespace forms {
using Rows = std::span<const WireForm>;
Rows output(), controller(), set_field(), legacy_set(), move(), vlan(), mpls(), ttl(), stack(), resubmit(),
    learn(), note(), fin_timeout(), conjunction(), clone(), tunnel(), queue(), metadata(), group(), meter(),
    hash_choice(), sample(), check_pkt_larger(), delete_field(), ct(), encap();
}  // namespace forms

/// Conjunctions stand with their like and with notes; the first action that is neither, if there is one.
const Action* stranger_to_conjunction(const Actions& actions);

/// Fails with `code` unless all that is left is zero.
OfResult<> expect_zeros(ByteReader& in, OfError code);

/// Appends actions in the form of a version. Resource-like: borrows the writer.
class Encoder {
  public:
    Encoder(ByteWriter& out, Version version) : out_(out), version_(version) {}
    Version version() const { return version_; }
    ByteWriter& out() { return out_; }

    /// An action being written: when it ends, it is padded to 8 bytes and its length filled in.
    class Open {
      public:
        Open(ByteWriter& out, size_t start) : out_(out), start_(start) {}
        Open(const Open&) = delete;
        Open& operator=(const Open&) = delete;
        ~Open() {
            out_.pad_to(8, start_);
            out_.patch_u16(start_ + 2, static_cast<uint16_t>(out_.size() - start_));
        }

      private:
        ByteWriter& out_;
        size_t start_;
    };
    [[nodiscard]] Open standard(uint16_t type);
    [[nodiscard]] Open nicira(uint16_t subtype);

    void list(const Actions& actions);

  private:
    ByteWriter& out_;
    Version version_;
};

// Reading and writing of fields, for all actions that name one.

/// A field without value. `unknown` is the error if there is no such field.
OfResult<flow::FieldId> read_field_header(ByteReader& in, OfError unknown = OfError::bmc_bad_field);
/// NXM ids stand in Nicira's actions of every version, OXM's in the standard's own.
void write_field_header(ByteWriter& out, flow::FieldId field, Version id_version);
/// True if the header takes 8 bytes, which old Nicira actions have no room for.
bool has_long_header(flow::FieldId field);

constexpr uint16_t ofs_nbits(flow::Subfield sf) {
    return static_cast<uint16_t>(sf.ofs << 6 | (sf.n_bits - 1));
}
constexpr flow::Subfield from_ofs_nbits(flow::FieldId field, uint16_t packed) {
    return {field, static_cast<uint16_t>(packed >> 6), static_cast<uint16_t>((packed & 0x3f) + 1)};
}

/// What set_field, load and move write to; none: another action.
std::optional<flow::FieldId> field_written(const Action& a);
/// The first action that may stand inside ct only: nat, and what sets a connection's mark or label.
const Action* ct_only(const Actions& actions);

/// A meter's number, wherever it stands.
OfResult<Action> decode_meter(ByteReader& in);

/// A port that packets can go to.
OfResult<> check_output_port(OfPort port);
/// May be read (move's source, output:field, stack push ...), written (move's destination, load ...).
OfResult<> check_source(flow::Subfield sf);
OfResult<> check_destination(flow::Subfield sf);

/// Sets a field whole, as OpenFlow 1.2 and newer do in place of an action for each field.
SetField set_whole(flow::FieldId id, uint64_t value);

/// Sets some bits of a field, as `load:value->dst`.
SetField load(const flow::FieldValue& value, flow::Subfield dst);
/// True unless it reaches beyond the bits of a FieldValue, as those of a long option may.
bool fits_load(flow::Subfield dst);
/// Sets a field whole by the action of its own that old versions have for it; false if there is none.
bool encode_legacy(const SetField& a, Encoder& e);

// Encoding, one for each action, beside its decoder.
void encode(const Output& a, Encoder& e);
void encode(const OutputReg& a, Encoder& e);
void encode(const OutputTrunc& a, Encoder& e);
void encode(const Controller& a, Encoder& e);
void encode(const SetField& a, Encoder& e);
void encode(const Move& a, Encoder& e);
void encode(const PushVlan& a, Encoder& e);
void encode(const StripVlan& a, Encoder& e);
void encode(const SetVlanVid& a, Encoder& e);
void encode(const SetVlanPcp& a, Encoder& e);
void encode(const SetTpPort& a, Encoder& e);
void encode(const PushMpls& a, Encoder& e);
void encode(const PopMpls& a, Encoder& e);
void encode(const SetMplsLabel& a, Encoder& e);
void encode(const SetMplsTc& a, Encoder& e);
void encode(const SetMplsTtl& a, Encoder& e);
void encode(const DecMplsTtl& a, Encoder& e);
void encode(const DecTtl& a, Encoder& e);
void encode(const StackPush& a, Encoder& e);
void encode(const StackPop& a, Encoder& e);
void encode(const Resubmit& a, Encoder& e);
void encode(const Learn& a, Encoder& e);
void encode(const Note& a, Encoder& e);
void encode(const FinTimeout& a, Encoder& e);
void encode(const Conjunction& a, Encoder& e);
void encode(const Exit& a, Encoder& e);
void encode(const Clone& a, Encoder& e);
void encode(const SetTunnelId& a, Encoder& e);
void encode(const SetQueue& a, Encoder& e);
void encode(const PopQueue& a, Encoder& e);
void encode(const Enqueue& a, Encoder& e);
void encode(const Group& a, Encoder& e);
void encode(const Meter& a, Encoder& e);
void encode(const Multipath& a, Encoder& e);
void encode(const Bundle& a, Encoder& e);
void encode(const Sample& a, Encoder& e);
void encode(const CheckPktLarger& a, Encoder& e);
void encode(const DeleteField& a, Encoder& e);
void encode(const Ct& a, Encoder& e);
void encode(const Nat& a, Encoder& e);
void encode(const CtClear& a, Encoder& e);
void encode(const Encap& a, Encoder& e);
void encode(const Decap& a, Encoder& e);
void encode(const DecNshTtl& a, Encoder& e);
// Instructions in a list of actions, as OpenFlow 1.0 flows have them.
void encode(const WriteActions& a, Encoder& e);
void encode(const ClearActions& a, Encoder& e);
void encode(const WriteMetadata& a, Encoder& e);
void encode(const GotoTable& a, Encoder& e);

}  // namespace weft::action
