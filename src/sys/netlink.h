// SPDX-License-Identifier: Apache-2.0
// Talking netlink: questions and changes (Netlink), and news of devices (LinkMonitor).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sys/fd.h"
#include "sys/link.h"

namespace weft::sys {

/// Resource type, used by one thread. Answers come from the kernel at once, so calls block for microseconds.
/// Acts in the network namespace in which it was opened.
class Netlink {
  public:
    static Result<std::unique_ptr<Netlink>> open();
    /// For the families of generic netlink: of the calls below, only exchange() and command().
    static Result<std::unique_ptr<Netlink>> open_generic();

    Result<std::vector<Link>> links();
    /// code ENODEV if there is none.
    Result<Link> link(const std::string& name);
    /// In the namespace of that number; none: this one.
    Result<Link> link(int ifindex, std::optional<int> name_space = std::nullopt);
    Result<std::vector<InterfaceAddress>> addresses();

    Result<void> set_up(int ifindex, bool up);
    Result<void> set_promiscuous(int ifindex, bool on);
    Result<void> set_mtu(int ifindex, int mtu);
    Result<void> set_mac(int ifindex, const Mac& mac);
    /// A text beside the name (`ip link` shows it), up to 255 bytes: how we mark devices as ours.
    Result<void> set_alias(int ifindex, const std::string& alias);

    /// Two devices of kind veth; the other one takes frames of any length.
    Result<void> add_pair(const std::string& name, const std::string& other);
    Result<void> remove_link(int ifindex);
    /// The kernel's own stack speaks neither ARP nor IPv6 by it.
    Result<void> set_silent(int ifindex);

    using Visit = std::function<void(ByteSpan message)>;
    uint32_t next_seq() { return ++seq_; }
    /// Sends a request made with the latest next_seq() and visits each message of the reply.
    Result<void> exchange(ByteSpan request, const Visit& visit);
    /// The same for requests that are only acknowledged.
    Result<void> command(ByteSpan request) {
        return exchange(request, [](ByteSpan) {});
    }

  private:
    explicit Netlink(Fd fd) : fd_(std::move(fd)) {}
    static Result<std::unique_ptr<Netlink>> open_protocol(int protocol);
    Result<Link> one_link(ByteSpan request, const std::string& what);

    Fd fd_;
    uint32_t seq_ = 0;
};

/// Resource type, used by one thread.
class LinkMonitor {
  public:
    static Result<std::unique_ptr<LinkMonitor>> open();
    /// Readable when there is news.
    int fd() const { return fd_.get(); }
    struct News {
        std::vector<LinkEvent> events;
        bool lost = false;  ///< events were lost: ask for all links again
    };
    News read();

  private:
    explicit LinkMonitor(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

}  // namespace weft::sys
