// SPDX-License-Identifier: Apache-2.0
#include "sys/packet_watchers.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace weft::sys {

PacketWatchers parse_packet_watchers(std::string_view text) {
    PacketWatchers out;
    std::istringstream lines{std::string(text)};
    std::string line;
    std::getline(lines, line);  // the columns' names
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string socket, references, type, protocol;
        int device = 0;
        if (!(words >> socket >> references >> type >> protocol >> device) || protocol == "0000") continue;
        if (device == 0)
            out.all = true;
        else
            out.devices.insert(device);
    }
    return out;
}

PacketWatchers packet_watchers() {
    std::ifstream in("/proc/thread-self/net/packet");
    const std::string text(std::istreambuf_iterator<char>(in), {});
    return text.empty() ? PacketWatchers{.devices = {}, .all = true} : parse_packet_watchers(text);
}

}  // namespace weft::sys
