// SPDX-License-Identifier: Apache-2.0
// NORMAL: the learning switch (ovs-actions(7), "The OVS Normal Pipeline"). Its megaflows depend on in_port,
// source, destination and VLAN only, so there is one for each pair of stations.
#include "pipeline/reserved_mac.h"
#include "pipeline/translator.h"
#include "pipeline/vlan.h"

namespace weft::pipeline {

using flow::PacketBlock;

namespace {

class Normal {
  public:
    explicit Normal(Translator& t) : t_(t), bridge_(t.bridge()) {}

    void run() {
        const OfPort in_port = t_.key().key_for_lookup().of_in_port();
        t_.did_read(ReadBridge{bridge_.id});
        const Port* port = bridge_.port(in_port);
        in_ = port ? bridge_.bundle(port->bundle) : nullptr;
        const Mac src = t_.read(&PacketBlock::eth_src);
        if (!in_) {
            t_.tell(obs::TraceKind::error,
                    [&] { return "received packet on unknown port " + std::to_string(in_port.value); });
            return t_.refuse(Drop::invalid_port, "no input bundle, dropping");
        }
        if (!is_whole() || !admit(*port)) return;
        learn(src);
        forward();
    }

  private:
    /// What is left of a frame whose tag was cut off, or of one with more tags than are looked at.
    bool is_whole() {
        constexpr Be16 vlan_tag{0x8100};
        if (t_.read(&PacketBlock::eth_type) != vlan_tag || t_.holds(flow::Prereq::vlan)) return true;
        t_.tell(obs::TraceKind::error,
                [&] { return "dropping packet with partial VLAN tag received on port " + in_->name; });
        t_.refuse(Drop::vlan_not_admitted, "partial VLAN tag, dropping");
        return false;
    }

    bool admit(const Port& port) {
        std::string why;
        const bool blind = t_.planted(Plant::normal_forgets_vlan);
        flow::FlowView copy = t_.key();
        const auto vlan = classify(*in_, FrameTags(blind ? copy : t_.key()), why);
        if (!vlan) {
            t_.tell(obs::TraceKind::error, [&] { return why; });
            t_.refuse(Drop::vlan_not_admitted, "disallowed VLAN VID for this input port, dropping");
            return false;
        }
        vlan_ = *vlan;
        if (!bridge_.forward_bpdu && is_reserved(destination())) {
            t_.refuse(Drop::reserved_multicast, "");
            t_.detail("packet has reserved destination MAC, dropping");
            return false;
        }
        if (in_->members.size() > 1 && port.number != in_->active) {
            t_.refuse(Drop::bond_not_admitted, "");
            t_.detail("bond member is not the active one, dropping");
            return false;
        }
        return true;
    }

    Mac destination() {
        if (t_.planted(Plant::normal_forgets_dst)) return t_.key().key_for_lookup().packet.eth_dst;
        return t_.read(&PacketBlock::eth_dst);
    }

    void learn(Mac src) {
        if (!t_.is_ethernet() || src.is_multicast() || bridge_.flood_vlans.test(vlan_.outer)) return;
        if (t_.tracing() && t_.request().with_packet && would_learn(src))
            t_.tell(obs::TraceKind::detail, [&] {
                return "learned that " + src.to_string() + " is on port " + in_->name + " in VLAN " +
                       std::to_string(vlan_.outer);
            });
        t_.effect(LearnMac{bridge_.macs, src, vlan_.outer, in_->id});
    }

    bool would_learn(Mac src) {
        return bridge_.macs->would_learn(vlan_.outer, src, in_->id) != MacTable::Change::none;
    }

    /// Where the station is known to be by what this translation learned on its way, which is not in the
    /// table yet.
    std::optional<BundleId> learned_here(Mac mac, std::optional<BundleId> otherwise) const {
        for (const Effect& e : t_.out().effects) {
            const auto* l = std::get_if<LearnMac>(&e);
            if (l && l->macs == bridge_.macs && l->mac == mac && l->vlan == vlan_.outer &&
                bridge_.macs->would_learn(l->vlan, mac, l->port) != MacTable::Change::none)
                otherwise = l->port;
        }
        return otherwise;
    }

    void forward() {
        const Mac dst = destination();
        if (dst.is_multicast() || bridge_.flood_vlans.test(vlan_.outer)) return flood();
        auto learned = bridge_.macs->lookup(vlan_.outer, dst);
        t_.did_read(ReadMac{bridge_.id, vlan_.outer, dst, learned});
        if (t_.request().with_packet) learned = learned_here(dst, learned);
        const Bundle* out = learned ? bridge_.bundle(*learned) : nullptr;
        if (!out) return flood();
        if (out == in_) {
            t_.refuse(Drop::learned_port_is_input, "");
            return t_.detail("learned port is input port, dropping");
        }
        t_.detail("forwarding to learned port");
        send(*out);
    }

    void flood() {
        t_.detail("no learned MAC for destination, flooding");
        bool any = false;
        for (const Bundle& out : bridge_.bundles) {
            if (&out == in_ || !out.floodable || !carries(out, vlan_)) continue;
            send(out);
            any = true;
        }
        if (!any) t_.refuse(Drop::vlan_has_no_port, "");
    }

    void send(const Bundle& out) {
        if (out.is_protected && in_->is_protected)
            return t_.refuse(Drop::forwarding_disabled, "Flow is between protected ports, skipping output.");
        // Each copy gets the tags of its port; the packet itself keeps its own. They have been read if they
        // are changed.
        const auto& vlan = t_.key().key_for_lookup().packet.vlan;
        const flow::VlanTag own[2] = {vlan[0], vlan[1]};
        const bool changed = rewrite(t_.key(), *in_, out, vlan_);
        t_.send(out.active);
        if (changed) t_.key().write_array(&PacketBlock::vlan, own);
    }

    Translator& t_;
    const Bridge& bridge_;
    const Bundle* in_ = nullptr;
    InVlan vlan_;
};

}  // namespace

void Translator::normal() { Normal(*this).run(); }

}  // namespace weft::pipeline
