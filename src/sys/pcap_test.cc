// SPDX-License-Identifier: Apache-2.0
#include "sys/pcap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cstdlib>

namespace weft::sys {
namespace {

class Pcap : public testing::Test {
  protected:
    const std::string path_ = testing::TempDir() + "weft-pcap-test-" + std::to_string(::getpid());
    void TearDown() override { ::unlink(path_.c_str()); }
};

TEST_F(Pcap, frames_come_back_as_they_were_written) {
    const std::vector<Bytes> frames{Bytes(60, 1), Bytes(9000, 2), Bytes{}};
    {
        auto writer = PcapWriter::create(path_).value();
        for (const Bytes& f : frames) writer->write(f, std::chrono::seconds(5));
    }
    EXPECT_EQ(read_pcap(path_).value(), frames);
    EXPECT_EQ(std::system(("tcpdump -nr " + path_ + " 2>&1 | grep -q 00:00:05").c_str()), 0);
}

constexpr std::string_view ip_packet = "45000014000000004011000001020304 05060708";

Bytes hex(std::string text) {
    std::erase(text, ' ');
    return *parse_hex(text);
}
/// In the machine's byte order, or the other.
struct Numbers {
    bool swapped = false;
    Bytes out{};
    Numbers& u32(uint32_t v) { return add(swapped ? std::byteswap(v) : v); }
    Numbers& u16(uint16_t v) { return add(swapped ? std::byteswap(v) : v); }
    Numbers& bytes(const Bytes& b) {
        out.insert(out.end(), b.begin(), b.end());
        return *this;
    }
    template <class T>
    Numbers& add(T v) {
        const auto* p = reinterpret_cast<const uint8_t*>(&v);
        out.insert(out.end(), p, p + sizeof v);
        return *this;
    }
};

Bytes file(uint32_t magic, uint32_t link_type, const Bytes& frame, bool swapped = false) {
    const auto size = static_cast<uint32_t>(frame.size());
    Numbers n{swapped};
    n.u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link_type);
    return n.u32(1).u32(999'999'999).u32(size).u32(size).bytes(frame).out;
}

/// A block of a pcapng file with its lengths and padding.
Numbers& block(Numbers& n, uint32_t type, Bytes body) {
    body.resize((body.size() + 3) / 4 * 4);
    const auto length = static_cast<uint32_t>(body.size() + 12);
    return n.u32(type).u32(length).bytes(body).u32(length);
}
Numbers& section(Numbers& n) {
    return block(n, 0x0a0d0d0a, Numbers{n.swapped}.u32(0x1a2b3c4d).u16(1).u16(0).u32(~0u).u32(~0u).out);
}
Numbers& interface(Numbers& n, uint16_t link_type, uint32_t snap = 0) {
    return block(n, 1, Numbers{n.swapped}.u16(link_type).u16(0).u32(snap).out);
}
Numbers& packet(Numbers& n, uint32_t interface, const Bytes& frame) {
    const auto size = static_cast<uint32_t>(frame.size());
    return block(n, 6, Numbers{n.swapped}.u32(interface).u32(0).u32(0).u32(size).u32(size).bytes(frame).out);
}

constexpr std::string_view cooked = "0000 0001 0006 020000000001 0000 0800";
constexpr std::string_view cooked_2 = "0800 0000 00000003 0001 00 06 020000000001 0000";
constexpr std::string_view as_ethernet_with_sender = "000000000000 020000000001 0800";
constexpr std::string_view as_ethernet_without = "000000000000 000000000000 0800";

Bytes joined(std::string_view head) { return hex(std::string(head) + std::string(ip_packet)); }

TEST(PcapFile, frames_of_every_link_type_and_time_unit_come_as_ethernet) {
    const Bytes ethernet = joined(as_ethernet_with_sender), bare = joined(as_ethernet_without);
    struct Case {
        uint32_t link_type;
        Bytes frame, expected;
    };
    const Case cases[] = {{1, ethernet, ethernet},         {0x10000001, ethernet, ethernet},
                          {113, joined(cooked), ethernet}, {276, joined(cooked_2), ethernet},
                          {101, joined(""), bare},         {228, joined(""), bare}};
    for (const Case& c : cases)
        for (const uint32_t magic : {0xa1b2c3d4u, 0xa1b23c4du})
            for (const bool swapped : {false, true})
                EXPECT_EQ(parse_pcap(file(magic, c.link_type, c.frame, swapped), "x").value(),
                          std::vector<Bytes>{c.expected})
                    << c.link_type << " " << std::hex << magic;
    EXPECT_EQ(parse_pcap(file(0xa1b2c3d4, 227, {}), "x").error().message,
              "x has frames of link type 227: Ethernet, Linux cooked captures and IP are read");
    EXPECT_TRUE(parse_pcap(file(0xa1b2c3d4, 113, Bytes(15)), "x")->empty()) << "a header that is cut off";
    EXPECT_EQ(
        parse_pcap(file(0xa1b2c3d4, 113, hex("0000 0001 0006 020000000001 0000 0004 4242")), "x").value(),
        std::vector<Bytes>{hex("000000000000 020000000001 0002 4242")});
    EXPECT_TRUE(
        parse_pcap(file(0xa1b2c3d4, 113, hex("0000 0118 0000 0000000000000000 000c 42")), "x")->empty())
        << "CAN";
}

TEST(PcapFile, pcapng_has_sections_interfaces_and_blocks_of_all_kinds) {
    const Bytes ethernet = joined(as_ethernet_with_sender);
    for (const bool swapped : {false, true}) {
        Numbers n{swapped};
        interface(interface(section(n), 276), 1, 20);
        packet(packet(n, 1, ethernet), 0, joined(cooked_2));
        block(n, 5, Bytes(8));  // statistics
        n.swapped = !swapped;   // another section, as two files one after the other
        interface(section(n), 1, 20);
        block(n, 3, Numbers{n.swapped}.u32(34).bytes(Bytes(ethernet.begin(), ethernet.begin() + 20)).out);
        const auto size = static_cast<uint32_t>(ethernet.size());
        block(n, 2, Numbers{n.swapped}.u16(0).u16(0).u32(0).u32(0).u32(size).u32(size).bytes(ethernet).out);
        const Bytes cut(ethernet.begin(), ethernet.begin() + 20);
        EXPECT_EQ(parse_pcap(n.out, "x").value(), (std::vector<Bytes>{ethernet, ethernet, cut, ethernet}));
        for (size_t size_now = 1; size_now < n.out.size(); ++size_now)
            (void)parse_pcap(ByteSpan(n.out).first(size_now), "x");
    }
}

TEST(PcapFile, what_is_wrong_with_a_pcapng_file_is_told) {
    const auto error = [](const Numbers& n) { return parse_pcap(n.out, "x").error().message; };
    Numbers strange;
    EXPECT_EQ(error(packet(interface(section(strange), 227), 0, Bytes(16))),
              "x has only frames of link type 227: Ethernet, Linux cooked captures and IP are read");
    Numbers none;
    EXPECT_EQ(error(packet(section(none), 0, Bytes(16))), "x is damaged: a packet of no interface");
    Numbers cut;
    packet(interface(section(cut), 1), 0, Bytes(16)).out.resize(cut.out.size() - 4);
    EXPECT_EQ(error(cut), "x is cut off");
    Numbers unlike;
    section(unlike).u32(5).u32(12).u32(16);
    EXPECT_EQ(error(unlike), "x is damaged: a block's lengths differ");
    Numbers tiny;
    section(tiny).u32(5).u32(8);
    EXPECT_EQ(error(tiny), "x is damaged: a block of 8 bytes");
    Numbers too_long;
    interface(section(too_long), 1);
    block(too_long, 6, Numbers{}.u32(0).u32(0).u32(0).u32(400).u32(400).out);
    EXPECT_EQ(error(too_long), "x is damaged: a packet is longer than its block");
}

TEST_F(Pcap, what_is_no_capture_or_is_cut_off_is_refused) {
    EXPECT_FALSE(read_pcap(path_).has_value());
    PcapWriter::create(path_).value()->write(Bytes(60, 1), {});
    ASSERT_EQ(::truncate(path_.c_str(), 90), 0);
    EXPECT_EQ(read_pcap(path_).error().message, path_ + " is cut off");
    ASSERT_EQ(::truncate(path_.c_str(), 10), 0);
    EXPECT_EQ(read_pcap(path_).error().message, path_ + " is not a pcap file");
}

}  // namespace
}  // namespace weft::sys
