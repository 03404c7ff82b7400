// SPDX-License-Identifier: Apache-2.0
// The datapath actions that rewrite a frame. Checksums follow, also those whose completion was left to the
// hardware. A header that the frame does not have is left alone.
#pragma once

#include "action/dp_action.h"
#include "packet/packet.h"

namespace weft::dp {

void edit(packet::Packet& p, const action::dp::PushVlan& a);
void edit(packet::Packet& p, const action::dp::PopVlan& a);
void edit(packet::Packet& p, const action::dp::PushMpls& a);
void edit(packet::Packet& p, const action::dp::PopMpls& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::EthHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::Ipv4Header>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::Ipv6Header>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::ArpHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::NdHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::MplsHeader>& a);
void edit(packet::Packet& p, const action::dp::SetL4& a);

}  // namespace weft::dp
