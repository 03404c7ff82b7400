// SPDX-License-Identifier: Apache-2.0
// Roles: the standard's messages of 1.2 and newer, Nicira's before.
#include "openflow/role.h"

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

constexpr uint64_t no_generation = ~uint64_t{0};

struct RoleAndGeneration {
    Role role;
    uint64_t generation_id;
};

OfResult<RoleAndGeneration> read_role(Input& i) {
    const uint32_t role = i.in.u32();
    i.in.skip(4);
    const uint64_t generation = i.in.u64();
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (role > static_cast<uint32_t>(Role::secondary)) return refuse(OfError::rrfc_bad_role);
    return RoleAndGeneration{static_cast<Role>(role), generation};
}

void write_role(Output& o, Role role, uint64_t generation_id) {
    o.out.u32(static_cast<uint32_t>(role));
    o.out.zeros(4);
    o.out.u64(generation_id);
}

/// Nicira's numbers: other 0, primary 1, secondary 2.
OfResult<Role> read_nx_role(Input& i) {
    const uint32_t role = i.in.u32();
    if (role > 2) return refuse(OfError::rrfc_bad_role);
    return static_cast<Role>(role + 1);
}

void write_nx_role(Output& o, Role role) { o.out.u32(static_cast<uint32_t>(role) - 1); }

}  // namespace

OfResult<Body> decode_role_request(Input& i) {
    const RoleAndGeneration r = TRY(read_role(i));
    RoleRequest request{.role = r.role, .generation_id = {}};
    if (r.role == Role::primary || r.role == Role::secondary) request.generation_id = r.generation_id;
    return request;
}

OfResult<Body> decode_role_reply(Input& i) {
    const RoleAndGeneration r = TRY(read_role(i));
    RoleReply reply{.role = r.role, .generation_id = {}};
    if (r.generation_id != no_generation) reply.generation_id = r.generation_id;
    return reply;
}

OfResult<Body> decode_nx_role_request(Input& i) {
    return RoleRequest{.role = TRY(read_nx_role(i)), .generation_id = {}};
}
OfResult<Body> decode_nx_role_reply(Input& i) {
    return RoleReply{.role = TRY(read_nx_role(i)), .generation_id = {}};
}

void encode(const RoleRequest& m, Output& o) {
    if (o.version() >= Version::v12) {
        const auto open = o.open(MessageType::role_request);
        return write_role(o, m.role, m.generation_id.value_or(0));
    }
    // "No change" cannot be said there.
    const auto open = o.open_nicira(nxt::role_request);
    write_nx_role(o, m.role == Role::no_change ? Role::equal : m.role);
}

void encode(const RoleReply& m, Output& o) {
    if (o.version() >= Version::v12) {
        const auto open = o.open(MessageType::role_reply);
        return write_role(o, m.role, m.generation_id.value_or(no_generation));
    }
    const auto open = o.open_nicira(nxt::role_reply);
    write_nx_role(o, m.role == Role::no_change ? Role::equal : m.role);
}

OfResult<Body> decode_role_status(Input& i) {
    RoleStatus s;
    const uint32_t role = i.in.u32();
    const uint8_t reason = i.in.u8();
    i.in.skip(3);
    s.generation_id = i.in.u64();
    if (role > static_cast<uint32_t>(Role::secondary)) return refuse(OfError::rrfc_bad_role);
    s.role = static_cast<Role>(role);
    s.reason = static_cast<RoleChange>(reason);
    return s;
}

void encode(const RoleStatus& m, Output& o) {
    const auto open = o.version() >= Version::v14 ? o.open(MessageType::role_status)
                                                  : o.open_experimenter(onf_vendor, onf::role_status);
    o.out.u32(static_cast<uint32_t>(m.role));
    o.out.u8(static_cast<uint8_t>(m.reason));
    o.out.zeros(3);
    o.out.u64(m.generation_id);
}

}  // namespace weft::openflow
