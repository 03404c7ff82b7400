// SPDX-License-Identifier: Apache-2.0
// Where packets go: ports, floods and controllers.
#include "action/meter_spec.h"
#include "base/hash.h"
#include "pipeline/commit.h"
#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

void Translator::commit() {
    pipeline::commit(view_, base_, headers_, out_.actions,
                     {.plant = request_.plant, .inner_unknown = inner_unknown_});
}

void Translator::output(OfPort port, uint16_t max_len) {
    const OfPort in_port = view_.key_for_lookup().of_in_port();
    if (port == ofpp::in_port) return send(in_port);
    if (port == ofpp::table) return descend(in_port, 0, OnMiss::as_table_says);
    if (port == ofpp::normal) return normal();
    if (port == ofpp::flood) return flood(false);
    if (port == ofpp::all) return flood(true);
    if (port == ofpp::controller) {
        const Reason reason = in_packet_out_   ? Reason::packet_out
                              : in_group_      ? Reason::group
                              : in_action_set_ ? Reason::action_set
                                               : Reason::action;
        return to_controller({.reason = reason, .max_len = max_len});
    }
    if (port == ofpp::none) return;
    if (port == in_port) return refuse(Drop::output_to_input, "skipping output to input port");
    send(port);
}

void Translator::send(OfPort number, uint32_t truncate_to) {
    did_read(ReadPort{bridge_->id, number});
    const Port* port = bridge_->port(number);
    if (!port || (port->kind != Port::Kind::patch && port->dp_port == dp_none))
        return refuse(Drop::invalid_port, "Nonexistent output port");
    if (port->kind == Port::Kind::patch && !port->peer) return refuse(Drop::invalid_port, "");
    if (port->config & port_config::no_fwd) {
        refuse(Drop::forwarding_disabled, "");
        return detail("OFPPC_NO_FWD set, skipping output");
    }
    if (!port->stp_forward) {
        refuse(Drop::forwarding_disabled, "");
        return detail("STP not in forwarding state, skipping output");
    }
    if (both_protected(*port))
        return refuse(Drop::forwarding_disabled, "Flow is between protected ports, skipping output.");
    if (port->kind == Port::Kind::patch) {
        if (truncate_to)
            return refuse(Drop::invalid_port, "truncated output to a patch port is not supported");
        return send_to_patch(*port);
    }
    if (view_.key_for_lookup().packet.packet_type)
        return refuse(Drop::unsupported_packet_type,
                      "Trying to send non-Ethernet packet through legacy L2 port. Dropping packet.");
    if (truncate_to) add(action::dp::Trunc{truncate_to});
    commit();
    add(action::dp::Output{port->dp_port});
    note_output(number);
}

bool Translator::both_protected(const Port& out) const {
    const Bundle* to = bridge_->bundle(out.bundle);
    if (!to || !to->is_protected) return false;
    const Port* in = bridge_->port(view_.key_for_lookup().of_in_port());
    const Bundle* from = in ? bridge_->bundle(in->bundle) : nullptr;
    return from && from->is_protected;
}

/// Flow export reports the one port a packet left by, or that there were several.
void Translator::note_output(OfPort port) {
    out_.nf_output = sent_ ? ofpp::flood : port;
    sent_ = true;
}

void Translator::flood(bool all) {
    did_read(ReadBridge{bridge_->id});
    const OfPort in_port = view_.key_for_lookup().of_in_port();
    for (const Port& port : bridge_->ports) {
        if (error_ != Drop::none) return;
        if (port.number == in_port || (!all && (port.config & port_config::no_flood))) continue;
        send(port.number);
    }
}

namespace {

/// OpenFlow 1.3's table-miss flow.
bool is_table_miss(const Rule& rule) { return rule.priority() == 0 && rule.match().n_words() == 0; }

/// A hash over all that makes a punt what it is; never 0.
uint32_t id_of(const Punt& p) {
    uint64_t h = hash_mix(p.bridge.value, uint64_t{static_cast<uint8_t>(p.reason)} << 32 | p.in_port.value);
    h = hash_mix(h, uint64_t{p.controller_id} << 32 | uint64_t{p.max_len} << 8 | p.table);
    h = hash_mix(h, p.cookie);
    h = hash_bytes(p.userdata, h);
    h = hash_bytes(p.continuation, h);
    h = hash_bytes({reinterpret_cast<const uint8_t*>(&p.pipe), sizeof p.pipe}, h);
    const auto id = static_cast<uint32_t>(h ^ h >> 32);
    return id ? id : 1;
}

}  // namespace

void Translator::add_metered(uint32_t meter, action::dp::Userspace punt) {
    const auto dp_meter = bridge_->dp_meter(meter ? meter : action::meter_controller);
    did_read(ReadBridge{bridge_->id});
    if (!dp_meter) return add(punt);
    auto list = std::make_shared<action::dp::Actions>();
    list->emplace_back(action::dp::Meter{*dp_meter});
    list->emplace_back(punt);
    add(action::dp::Sample{~uint32_t{0}, std::move(list)});
}

void Translator::to_controller(const ToController& what, Bytes continuation) {
    commit();
    Punt punt{.bridge = bridge_->id,
              .reason = what.reason,
              .controller_id = what.controller_id,
              .max_len = what.max_len,
              .cookie = cookie(),
              .table = table_,
              .userdata = {what.userdata.begin(), what.userdata.end()},
              .continuation = std::move(continuation),
              .in_port = view_.key_for_lookup().of_in_port(),
              .pipe = view_.key_for_lookup().pipe};
    if (punt.reason == Reason::action && rule_ && is_table_miss(*rule_)) punt.reason = Reason::explicit_miss;
    punt.id = id_of(punt);
    add_metered(what.meter, action::dp::Userspace{.reason = action::dp::PuntReason::controller,
                                                  .arg = punt.id,
                                                  .max_len = punt.max_len,
                                                  .controller_reason = static_cast<uint8_t>(punt.reason),
                                                  .dont_send = !request_.with_packet,
                                                  .continuation = !punt.continuation.empty(),
                                                  .controller_id = punt.controller_id,
                                                  .cookie = punt.cookie});
    out_.punts.push_back(std::move(punt));
}

}  // namespace weft::pipeline
