// SPDX-License-Identifier: Apache-2.0
#include "action/check.h"

#include "action/codec.h"

namespace weft::action {
namespace {

using flow::Prereq;

constexpr uint16_t type_ipv4 = 0x0800;

/// Follows what is known of the packet from action to action. Copyable, so that a nested list has its own.
class Checker {
  public:
    explicit Checker(const Place& place) : place_(place), key_(place.match.key) {}

    OfResult<> list(Actions& actions) {
        if (stranger_to_conjunction(actions)) return refuse(OfError::nxbac_bad_conjunction);
        for (Action& a : actions)
            TRY(std::visit([this](auto& one) -> OfResult<> { return check(one); }, a.v));
        return {};
    }
    bool consistent() const { return consistent_; }

  private:
    bool has(Prereq p) const { return flow::prereq_holds(p, key_); }
    bool is_ip() const { return has(Prereq::ip_any); }
    /// What OpenFlow 1.0 only ignores.
    OfResult<> demand(bool condition) {
        consistent_ &= condition;
        return {};
    }
    OfResult<> readable(flow::Subfield sf) const {
        TRY(check_source(sf));
        if (!has(flow::field(sf.field).prereq)) return refuse(OfError::bac_match_inconsistent);
        return {};
    }
    OfResult<> writable(flow::Subfield sf) const {
        TRY(readable(sf));
        // Matching vlan_vid can mean "no tag"; setting it needs one.
        if (sf.field == flow::FieldId::vlan_vid && !has(Prereq::vlan))
            return refuse(OfError::bac_match_inconsistent);
        return check_destination(sf);
    }
    void set_vlan(bool present) {
        key_.packet.vlan[0].tci = Be16(present ? flow::vlan_present : uint16_t{0});
    }
    void set_eth_type(uint16_t type) { key_.packet.eth_type = Be16(type); }

    OfResult<> check(Output& a) { return check_output_port(a.port); }
    OfResult<> check(OutputReg& a) { return readable(a.src); }
    OfResult<> check(OutputTrunc&) { return {}; }
    OfResult<> check(Controller&) { return {}; }
    OfResult<> check(Group&) { return {}; }  // whether they exist, the tables know
    OfResult<> check(Meter&) { return {}; }
    OfResult<> check(SetField& a) {
        const flow::Field& f = flow::field(a.field);
        if (a.form == SetField::Form::legacy) return demand(has(f.prereq) || (is_tos(a.field) && is_ip()));
        return writable(a.form == SetField::Form::load ? a.load_dst : flow::whole(a.field));
    }
    static bool is_tos(flow::FieldId id) {
        return id == flow::FieldId::ip_dscp || id == flow::FieldId::nw_ecn;
    }
    OfResult<> check(Move& a) {
        TRY(readable(a.src));
        return writable(a.dst);
    }
    OfResult<> check(PushVlan&) {
        key_.packet.vlan[1] = key_.packet.vlan[0];
        set_vlan(true);
        return {};
    }
    OfResult<> check(StripVlan&) {
        TRY(demand(has(Prereq::vlan)));
        key_.packet.vlan[0] = key_.packet.vlan[1];
        key_.packet.vlan[1] = {};
        return {};
    }
    template <class SetVlan>
    OfResult<> check_vlan(SetVlan& a) {
        a.flow_has_vlan = has(Prereq::vlan);
        TRY(demand(a.flow_has_vlan || a.push_if_needed));
        set_vlan(true);
        return {};
    }
    OfResult<> check(SetVlanVid& a) { return check_vlan(a); }
    OfResult<> check(SetVlanPcp& a) { return check_vlan(a); }
    OfResult<> check(SetTpPort& a) {
        a.ip_proto = key_.packet.nw_proto;
        return demand(has(Prereq::tcp) || has(Prereq::udp) || has(Prereq::sctp));
    }
    OfResult<> check(PushMpls& a) {
        set_eth_type(a.eth_type);
        // What lies behind the new label is out of reach.
        key_.packet.nw_proto = 0;
        return {};
    }
    OfResult<> check(PopMpls& a) {
        TRY(demand(has(Prereq::mpls)));
        set_eth_type(a.eth_type);
        return {};
    }
    OfResult<> check(SetMplsLabel&) { return demand(has(Prereq::mpls)); }
    OfResult<> check(SetMplsTc&) { return demand(has(Prereq::mpls)); }
    OfResult<> check(SetMplsTtl&) { return demand(has(Prereq::mpls)); }
    OfResult<> check(DecMplsTtl&) { return demand(has(Prereq::mpls)); }
    OfResult<> check(DecTtl&) { return demand(is_ip()); }
    OfResult<> check(StackPush& a) { return readable(a.src); }
    OfResult<> check(StackPop& a) { return writable(a.dst); }
    OfResult<> check(Resubmit& a) {
        if (a.ct_orig && !has_ct_state()) return refuse(OfError::bac_match_inconsistent);
        return {};
    }
    /// A connection's original tuple exists only once tracked.
    bool has_ct_state() const {
        flow::FlowKey ip = key_;
        ip.packet.eth_type = Be16(type_ipv4);
        return flow::prereq_holds(Prereq::ct_ip, ip);
    }
    OfResult<> check(Learn& a);
    OfResult<> check(Note&) { return {}; }
    OfResult<> check(FinTimeout&) { return demand(has(Prereq::tcp)); }
    OfResult<> check(Conjunction&) { return {}; }
    OfResult<> check(Exit&) { return {}; }
    OfResult<> check(Clone& a) {
        Checker inside = *this;
        TRY(inside.list(a.actions));
        return demand(inside.consistent());
    }
    OfResult<> check(Multipath& a) { return writable(a.dst); }
    OfResult<> check(Bundle& a) {
        for (const OfPort port : a.members)
            if (port == ofpp::controller) return refuse(OfError::bac_bad_out_port);
        if (a.dst.n_bits) return writable(a.dst);
        return {};
    }
    OfResult<> check(Sample&) { return {}; }
    OfResult<> check(CheckPktLarger&) { return {}; }
    OfResult<> check(DeleteField& a) {
        if (!flow::field(a.field).is_tun_metadata()) return refuse(OfError::bac_bad_argument);
        return {};
    }
    OfResult<> check(Ct& a) {
        constexpr uint16_t ftp = 21, tftp = 69;
        const bool of_protocol = a.alg == ftp ? has(Prereq::tcp) : a.alg != tftp || has(Prereq::udp);
        if (!is_ip() || !of_protocol) return refuse(OfError::bac_match_inconsistent);
        if (a.zone_src.n_bits) TRY(readable(a.zone_src));
        Checker inside = *this;
        return inside.list(a.actions);
    }
    OfResult<> check(Nat& a) {
        const bool fits = a.family == Nat::Family::ipv4   ? has(Prereq::ipv4)
                          : a.family == Nat::Family::ipv6 ? has(Prereq::ipv6)
                                                          : is_ip();
        if (!fits) return refuse(OfError::bac_match_inconsistent);
        return {};
    }
    OfResult<> check(CtClear&) { return {}; }
    OfResult<> check(Encap& a) {
        // Between an Ethernet header and what it carries, the type tells what is there.
        const bool ethernet = a.packet_type == packet_type::ethernet;
        set_eth_type(ethernet ? flow::ether_type_of(key_.packet) : static_cast<uint16_t>(a.packet_type));
        key_.packet.packet_type = Be32(a.packet_type);
        if (!ethernet) key_.packet.nw_proto = 0;
        return {};
    }
    OfResult<> check(Decap&) {
        const bool ethernet = key_.packet.packet_type.host() == packet_type::ethernet;
        key_.packet.packet_type = ethernet ? Be32(1u << 16 | key_.packet.eth_type.host()) : Be32();
        return {};
    }
    OfResult<> check(DecNshTtl&) { return demand(has(Prereq::nsh)); }
    OfResult<> check(SetTunnelId&) { return {}; }
    OfResult<> check(SetQueue&) { return {}; }
    OfResult<> check(PopQueue&) { return {}; }
    OfResult<> check(Enqueue& a) {
        if (a.port >= ofpp::max && a.port != ofpp::in_port && a.port != ofpp::local)
            return refuse(OfError::bac_bad_out_port);
        return {};
    }
    /// Consistency cannot be demanded of actions that run at the end of the pipeline.
    OfResult<> check(WriteActions& a) {
        Checker inside = *this;
        return inside.list(a.actions);
    }
    OfResult<> check(ClearActions&) { return {}; }
    OfResult<> check(WriteMetadata&) { return {}; }
    OfResult<> check(GotoTable& a) {
        const bool backwards = place_.table != 0xff && a.table <= place_.table;
        if (backwards || (place_.n_tables != 0xff && a.table >= place_.n_tables))
            return refuse(OfError::bic_bad_table_id);
        return {};
    }

    const Place& place_;
    flow::FlowKey key_;
    bool consistent_ = true;
};

OfResult<> Checker::check(Learn& a) {
    // The new flow's match, as far as it is known now: its prerequisites must hold too.
    flow::Match learned;
    Checker there(Place{learned});
    for (const Learn::Spec& s : a.specs) {
        if (!s.immediate) TRY(readable(s.src));
        switch (s.dst_kind) {
            case Learn::Spec::Dst::match:
                TRY(there.readable(s.dst));
                if (s.immediate) flow::set_bits(there.key_, s.dst, s.value);
                break;
            case Learn::Spec::Dst::load:
                TRY(there.writable(s.dst));
                break;
            case Learn::Spec::Dst::output:
                break;
        }
    }
    return {};
}

}  // namespace

OfResult<bool> check(Actions& actions, const Place& place) {
    Checker checker(place);
    TRY(checker.list(actions));
    return checker.consistent();
}

}  // namespace weft::action
