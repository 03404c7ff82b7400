// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/queue.cc: queues are told to the device by the packet's priority.
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

namespace {

void set_priority(Translator& t, Be32 priority) { t.key().write(&PacketBlock::skb_priority, priority); }

}  // namespace

void apply(const action::SetQueue& a, Translator& t) { set_priority(t, Be32(a.queue)); }

void apply(const action::PopQueue&, Translator& t) {
    t.key().observe_original(&PacketBlock::skb_priority, be_max<Be32>);
    const Be32 original = t.original_priority();
    if (t.key().key_for_lookup().packet.skb_priority == original) return;
    set_priority(t, original);
    t.tell(obs::TraceKind::detail, [&] { return "queue = " + std::to_string(original.host()); });
}

void apply(const action::Enqueue& a, Translator& t) {
    const OfPort in_port = t.key().key_for_lookup().of_in_port();
    if (a.port == in_port) return;
    const Be32 before = t.read(&PacketBlock::skb_priority);
    set_priority(t, Be32(a.queue));
    t.send(a.port == ofpp::in_port ? in_port : a.port);
    set_priority(t, before);
}

}  // namespace weft::pipeline
