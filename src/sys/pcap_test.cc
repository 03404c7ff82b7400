// SPDX-License-Identifier: Apache-2.0
#include "sys/pcap.h"

#include <gtest/gtest.h>
#include <unistd.h>

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
