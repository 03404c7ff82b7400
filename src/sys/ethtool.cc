// SPDX-License-Identifier: Apache-2.0
#include "sys/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace weft::sys {
namespace {

template <size_t N>
std::string text_of(const char (&field)[N]) {
    return std::string(field, strnlen(field, N));
}

/// ETHTOOL_GLINKSETTINGS with room for the mode masks that follow it.
constexpr size_t settings_bytes = sizeof(ethtool_link_settings) + 3 * 127 * sizeof(uint32_t);

}  // namespace

Result<Ethtool> Ethtool::open() {
    return Ethtool(TRY(fd_or_errno(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket for ethtool")));
}

Result<void> Ethtool::ask(const std::string& device, void* question) const {
    ifreq request{};
    std::memcpy(request.ifr_name, device.data(), std::min<size_t>(device.size(), IFNAMSIZ - 1));
    request.ifr_data = static_cast<char*>(question);
    if (::ioctl(fd_.get(), SIOCETHTOOL, &request) != 0) return fail_errno("ethtool " + device);
    return {};
}

Result<DriverInfo> Ethtool::driver(const std::string& device) const {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    TRY(ask(device, &info));
    return DriverInfo{.name = text_of(info.driver),
                      .version = text_of(info.version),
                      .firmware_version = text_of(info.fw_version),
                      .bus_info = text_of(info.bus_info)};
}

Result<LinkMode> Ethtool::link_mode(const std::string& device) const {
    alignas(ethtool_link_settings) std::array<uint8_t, settings_bytes> memory{};
    auto& s = *reinterpret_cast<ethtool_link_settings*>(memory.data());
    s.cmd = ETHTOOL_GLINKSETTINGS;
    TRY(ask(device, &s));
    if (s.link_mode_masks_nwords < 0) {  // the kernel tells how many words it wants
        const auto words = static_cast<__s8>(-s.link_mode_masks_nwords);
        memory.fill(0);
        s.cmd = ETHTOOL_GLINKSETTINGS;
        s.link_mode_masks_nwords = words;
        TRY(ask(device, &s));
    }
    const bool known = s.speed != static_cast<__u32>(SPEED_UNKNOWN);
    return LinkMode{.speed_bps = known ? uint64_t{s.speed} * 1'000'000 : 0,
                    .full_duplex = s.duplex != DUPLEX_HALF};
}

Result<bool> Ethtool::feature(const std::string& device, Feature feature) const {
    constexpr uint32_t commands[] = {ETHTOOL_GTXCSUM, ETHTOOL_GTSO, ETHTOOL_GGRO, ETHTOOL_GFLAGS};
    ethtool_value value{.cmd = commands[static_cast<size_t>(feature)], .data = 0};
    TRY(ask(device, &value));
    return feature == Feature::lro ? (value.data & ETH_FLAG_LRO) != 0 : value.data != 0;
}

}  // namespace weft::sys
