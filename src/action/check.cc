// SPDX-License-Identifier: Apache-2.0
#include "action/check.h"

#include "action/codec.h"
#include "action/meter_spec.h"
#include "action/text.h"

namespace weft::action {
namespace {

using flow::Prereq;

constexpr uint16_t type_ipv4 = 0x0800;
constexpr std::string_view vlan_tag = "a VLAN tag (dl_vlan or vlan_vid)";

/// What a match has that meets it.
std::string_view words_of(Prereq p) {
    switch (p) {
        case Prereq::none:
            break;
        case Prereq::ethernet:
            return "eth";
        case Prereq::vlan:
            return vlan_tag;
        case Prereq::mpls:
            return "mpls";
        case Prereq::ip_any:
            return "ip or ipv6";
        case Prereq::ipv4:
            return "ip";
        case Prereq::ipv6:
            return "ipv6";
        case Prereq::arp:
            return "arp or rarp";
        case Prereq::nsh:
            return "nsh";
        case Prereq::tcp:
            return "tcp or tcp6";
        case Prereq::udp:
            return "udp or udp6";
        case Prereq::sctp:
            return "sctp or sctp6";
        case Prereq::icmpv4:
            return "icmp";
        case Prereq::icmpv6:
            return "icmp6";
        case Prereq::nd:
            return "icmp6 and icmp_type 135 or 136";
        case Prereq::nd_solicit:
            return "icmp6 and icmp_type=135";
        case Prereq::nd_advert:
            return "icmp6 and icmp_type=136";
        case Prereq::ct_ip:
            return "ct_state=+trk with another flag, and ip or ipv6";
        case Prereq::ct_ipv4:
            return "ct_state=+trk with another flag, and ip";
        case Prereq::ct_ipv6:
            return "ct_state=+trk with another flag, and ipv6";
    }
    return {};
}

/// `ct` of `ct(commit)`.
std::string name_of(const Action& a) {
    const std::string text = to_text({a});
    return text.substr(0, text.find_first_of(":("));
}

/// Follows what is known of the packet from action to action. Copyable, so that a nested list has its own.
class Checker {
  public:
    explicit Checker(const Place& place) : place_(place), key_(place.match.key) {}

    OfResult<> list(Actions& actions) {
        if (stranger_to_conjunction(actions)) return refuse(OfError::nxbac_bad_conjunction);
        for (Action& a : actions) {
            current_ = &a;
            TRY(std::visit([this](auto& one) -> OfResult<> { return check(one); }, a.v));
        }
        return {};
    }
    bool consistent() const { return consistent_; }

  private:
    bool has(Prereq p) const { return flow::prereq_holds(p, key_); }
    bool is_ip() const { return has(Prereq::ip_any); }
    void note_lack(std::string_view who, std::string_view needs) {
        if (place_.lack)
            *place_.lack =
                std::string(who) + " lacks correct prerequisites: the match must have " + std::string(needs);
    }
    /// What OpenFlow 1.0 only ignores.
    OfResult<> demand(bool condition, std::string_view needs) {
        if (condition || !demands_) return {};
        if (place_.lack && place_.lack->empty()) note_lack(name_of(*current_), needs);
        consistent_ = false;
        return {};
    }
    OfResult<> demand(Prereq p) { return demand(has(p), words_of(p)); }
    std::unexpected<OfError> inconsistent(std::string_view needs) {
        if (place_.lack) note_lack(name_of(*current_), needs);
        return refuse(OfError::bac_match_inconsistent);
    }
    /// `role`: what the field is to the action, in Open vSwitch's words.
    OfResult<> exists(flow::FieldId id, std::string_view role) {
        const flow::Field& f = flow::field(id);
        if (has(f.prereq)) return {};
        note_lack(std::string(role) + ' ' + std::string(f.name), words_of(f.prereq));
        return refuse(OfError::bac_match_inconsistent);
    }
    OfResult<> readable(flow::Subfield sf, std::string_view role = "source field") {
        TRY(check_source(sf));
        return exists(sf.field, role);
    }
    OfResult<> writable(flow::Subfield sf, std::string_view role = "destination field") {
        TRY(readable(sf, role));
        // Matching vlan_vid can mean "no tag"; setting it needs one.
        if (sf.field == flow::FieldId::vlan_vid && !has(Prereq::vlan)) {
            note_lack(std::string(role) + " vlan_vid", vlan_tag);
            return refuse(OfError::bac_match_inconsistent);
        }
        return check_destination(sf);
    }
    void set_vlan(bool present) {
        key_.packet.vlan[0].tci = Be16(present ? flow::vlan_present : uint16_t{0});
    }
    void set_eth_type(uint16_t type) { key_.packet.eth_type = Be16(type); }

    OfResult<> check(Output& a) { return check_output_port(a.port); }
    OfResult<> check(OutputReg& a) { return readable(a.src); }
    OfResult<> check(OutputTrunc& a) { return check_output_port(a.port); }
    OfResult<> check(Controller&) { return {}; }
    OfResult<> check(Group&) { return {}; }  // whether they exist, the tables know
    OfResult<> check(Meter& a) {
        if (a.meter == 0 || a.meter > meter_max) return refuse(OfError::mmfc_invalid_meter);
        return {};
    }
    OfResult<> check(SetField& a) {
        const flow::Field& f = flow::field(a.field);
        if (a.form == SetField::Form::legacy)
            return demand(has(f.prereq) || (is_tos(a.field) && is_ip()), words_of(f.prereq));
        return writable(a.form == SetField::Form::load ? a.load_dst : flow::whole(a.field), "set_field");
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
        TRY(demand(Prereq::vlan));
        key_.packet.vlan[0] = key_.packet.vlan[1];
        key_.packet.vlan[1] = {};
        return {};
    }
    template <class SetVlan>
    OfResult<> check_vlan(SetVlan& a) {
        a.flow_has_vlan = has(Prereq::vlan);
        TRY(demand(a.flow_has_vlan || a.push_if_needed, vlan_tag));
        set_vlan(true);
        return {};
    }
    OfResult<> check(SetVlanVid& a) { return check_vlan(a); }
    OfResult<> check(SetVlanPcp& a) { return check_vlan(a); }
    OfResult<> check(SetTpPort& a) {
        a.ip_proto = key_.packet.nw_proto;
        return demand(has(Prereq::tcp) || has(Prereq::udp) || has(Prereq::sctp), "tcp, udp or sctp");
    }
    OfResult<> check(PushMpls& a) {
        set_eth_type(a.eth_type);
        // What lies behind the new label is out of reach.
        key_.packet.nw_proto = 0;
        return {};
    }
    OfResult<> check(PopMpls& a) {
        TRY(demand(Prereq::mpls));
        set_eth_type(a.eth_type);
        return {};
    }
    OfResult<> check(SetMplsLabel&) { return demand(Prereq::mpls); }
    OfResult<> check(SetMplsTc&) { return demand(Prereq::mpls); }
    OfResult<> check(SetMplsTtl&) { return demand(Prereq::mpls); }
    OfResult<> check(DecMplsTtl&) { return demand(Prereq::mpls); }
    OfResult<> check(DecTtl&) { return demand(Prereq::ip_any); }
    OfResult<> check(StackPush& a) { return readable(a.src); }
    OfResult<> check(StackPop& a) { return writable(a.dst); }
    OfResult<> check(Resubmit& a) {
        if (a.ct_orig && !has_ct_state()) return inconsistent(words_of(Prereq::ct_ip));
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
    OfResult<> check(FinTimeout&) { return demand(Prereq::tcp); }
    OfResult<> check(Conjunction&) { return {}; }
    OfResult<> check(Exit&) { return {}; }
    OfResult<> check(Clone& a) {
        Checker inside = *this;
        TRY(inside.list(a.actions));
        consistent_ &= inside.consistent();
        return {};
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
        const Prereq needs = a.alg == ftp ? Prereq::tcp : a.alg == tftp ? Prereq::udp : Prereq::ip_any;
        if (!has(needs)) return inconsistent(words_of(needs));
        if (a.zone_src.n_bits) TRY(readable(a.zone_src));
        Checker inside = *this;
        return inside.list(a.actions);
    }
    OfResult<> check(Nat& a) {
        const Prereq needs = a.family == Nat::Family::ipv4   ? Prereq::ipv4
                             : a.family == Nat::Family::ipv6 ? Prereq::ipv6
                                                             : Prereq::ip_any;
        if (!has(needs)) return inconsistent(words_of(needs));
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
    OfResult<> check(DecNshTtl&) { return demand(Prereq::nsh); }
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
        inside.demands_ = false;
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
    bool consistent_ = true, demands_ = true;
    const Action* current_ = nullptr;
};

OfResult<> Checker::check(Learn& a) {
    // The new flow's match, as far as it is known now: its prerequisites must hold too.
    flow::Match learned;
    const Place place{.match = learned, .lack = place_.lack};
    Checker there(place);
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
