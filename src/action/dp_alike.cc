// SPDX-License-Identifier: Apache-2.0
#include "action/dp_alike.h"

#include <algorithm>
#include <array>
#include <bit>

namespace weft::action::dp {
namespace {

/// Bits that both set have the same value.
template <class Header>
bool same_bits(const Header& a, const Header& a_mask, const Header& b, const Header& b_mask) {
    using Bytes = std::array<uint8_t, sizeof(Header)>;
    const auto bytes = [](const Header& h) { return std::bit_cast<Bytes>(h); };
    const Bytes x = bytes(a), xm = bytes(a_mask), y = bytes(b), ym = bytes(b_mask);
    for (size_t i = 0; i < sizeof(Header); ++i)
        if ((x[i] ^ y[i]) & xm[i] & ym[i]) return false;
    return true;
}

bool alike_lists(const std::shared_ptr<const Actions>& a, const std::shared_ptr<const Actions>& b) {
    return a == b || (a && b && alike(*a, *b));
}

template <class T>
bool alike_one(const T& a, const T& b) {
    return a == b;
}
template <class Header>
bool alike_one(const Set<Header>& a, const Set<Header>& b) {
    return same_bits(a.value, a.mask, b.value, b.mask);
}
bool alike_one(const SetL4& a, const SetL4& b) {
    return a.proto == b.proto && same_bits(a.value, a.mask, b.value, b.mask);
}
bool alike_one(const Clone& a, const Clone& b) { return alike_lists(a.actions, b.actions); }
bool alike_one(const Sample& a, const Sample& b) {
    return a.probability == b.probability && alike_lists(a.actions, b.actions);
}
bool alike_one(const CheckPktLen& a, const CheckPktLen& b) {
    return a.size == b.size && alike_lists(a.greater, b.greater) && alike_lists(a.less_equal, b.less_equal);
}

}  // namespace

bool alike(const Actions& a, const Actions& b) {
    return std::ranges::equal(a, b, [](const Action& x, const Action& y) {
        if (x.v.index() != y.v.index()) return false;
        return std::visit(
            [&](const auto& one) { return alike_one(one, std::get<std::decay_t<decltype(one)>>(y.v)); }, x.v);
    });
}

}  // namespace weft::action::dp
