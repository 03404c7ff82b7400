// SPDX-License-Identifier: Apache-2.0
// The datapath actions that rewrite a frame. Checksums follow, also those whose completion was left to the
// hardware. A header that the frame does not have is left alone.
#pragma once

#include "action/dp_action.h"
#include "packet/packet.h"

namespace weft::dp {

/// Bugs planted on purpose, one at a time, to prove that the tests would find them: a checksum that is not
/// brought up to date. Off in every program.
enum class Skip : uint8_t { nothing, ip_checksum, pseudo_header, transport_checksum };

void edit(packet::Packet& p, const action::dp::PushVlan& a);
void edit(packet::Packet& p, const action::dp::PopVlan& a);
void edit(packet::Packet& p, const action::dp::PushMpls& a);
void edit(packet::Packet& p, const action::dp::PopMpls& a);
void edit(packet::Packet& p, const action::dp::PushEth& a);
void edit(packet::Packet& p, const action::dp::PopEth& a);
void edit(packet::Packet& p, const action::dp::PushNsh& a);
void edit(packet::Packet& p, const action::dp::PopNsh& a);
void edit(packet::Packet& p, const action::dp::AddMpls& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::EthHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::Ipv4Header>& a, Skip planted = Skip::nothing);
void edit(packet::Packet& p, const action::dp::Set<action::dp::Ipv6Header>& a, Skip planted = Skip::nothing);
void edit(packet::Packet& p, const action::dp::Set<action::dp::ArpHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::NdHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::MplsHeader>& a);
void edit(packet::Packet& p, const action::dp::Set<action::dp::NshHeader>& a);
void edit(packet::Packet& p, const action::dp::SetL4& a, Skip planted = Skip::nothing);

}  // namespace weft::dp
