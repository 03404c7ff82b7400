// SPDX-License-Identifier: Apache-2.0
// Strong ids: integers of different meaning that do not mix.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace weft {

template <class Tag, class Rep>
struct StrongId {
    Rep value{};

    constexpr StrongId() = default;
    constexpr explicit StrongId(Rep v) : value(v) {}
    constexpr auto operator<=>(const StrongId&) const = default;
};

/// An OpenFlow port number in its 16-bit form (OpenFlow 1.0); 1.1 and newer widen the reserved ones on the
/// wire.
using OfPort = StrongId<struct OfPortTag, uint16_t>;
/// A datapath's own port number.
using DpPort = StrongId<struct DpPortTag, uint32_t>;
using TableId = StrongId<struct TableIdTag, uint8_t>;
using Vni = StrongId<struct VniTag, uint32_t>;
using Zone = StrongId<struct ZoneTag, uint16_t>;

/// Reserved OpenFlow ports (OpenFlow 1.0.1 5.2.1).
namespace ofpp {
inline constexpr OfPort max{0xff00};  ///< first number that is not a switch port
inline constexpr OfPort unset{0xfff7}, in_port{0xfff8}, table{0xfff9}, normal{0xfffa}, flood{0xfffb},
    all{0xfffc}, controller{0xfffd}, local{0xfffe}, none{0xffff};
}  // namespace ofpp

inline constexpr DpPort dp_none{0xffffffff};

}  // namespace weft

template <class Tag, class Rep>
struct std::hash<weft::StrongId<Tag, Rep>> {
    size_t operator()(weft::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value); }
};
