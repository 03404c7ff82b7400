// SPDX-License-Identifier: Apache-2.0
#include "cli/weft/cleanup.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "sys/bpf_folder.h"
#include "sys/ingress_program.h"
#include "sys/internal_pair.h"
#include "sys/netlink.h"
#include "sys/promiscuous.h"
#include "sys/tap.h"

namespace weft::cli::weft_tool {
namespace {

struct Wishes {
    bool dry_run = false;
    std::string folder = std::string(sys::bpf_file_system) + "/weft";
};

Result<Wishes> wishes_of(const std::vector<std::string>& args) {
    constexpr std::string_view folder = "--bpf-folder=";
    Wishes out;
    for (const std::string& arg : args) {
        if (arg == "--dry-run")
            out.dry_run = true;
        else if (arg.starts_with(folder))
            out.folder = arg.substr(folder.size());
        else
            return fail("cleanup: unknown argument " + arg + "; it takes --dry-run and --bpf-folder=FOLDER");
    }
    return out;
}

class Cleaner {
  public:
    Cleaner(Wishes wishes, sys::Netlink& netlink) : wishes_(std::move(wishes)), netlink_(netlink) {}

    Result<void> run() {
        const sys::BpfFolder all(wishes_.folder);
        for (const std::string& name : all.names())
            if (all.is_folder(name)) clean(all.path_of(name));
        if (!wishes_.dry_run) all.remove_if_empty();
        for (const std::string& device : TRY(sys::remove_leftovers(netlink_, wishes_.dry_run)))
            tell("the program on device {} (tc filter)", device);
        TRY(remove_taps());
        TRY(remove_pairs());
        if (n_ == 0) fmt::print("nothing to clean up\n");
        return {};
    }

  private:
    /// The folder of one switch, of whatever version: links first, so that nothing runs without its maps.
    void clean(const std::string& path) {
        const sys::BpfFolder folder(path);
        const auto lock = folder.lock();
        if (!lock) {
            fmt::print("left alone: {}: {}\n", path,
                       lock.error().code == EWOULDBLOCK ? "its switch runs" : lock.error().message);
            return;
        }
        const sys::BpfFolder links(folder.path_of("links"));
        for (const std::string& name : links.names()) {
            tell("the program on {} ({})", device_of(name), links.path_of(name));
            if (!wishes_.dry_run) sys::BpfFolder::remove(links.path_of(name));
        }
        const sys::PromiscuousDevices promiscuous(folder.path_of(sys::promiscuous_marks));
        for (const int ifindex : promiscuous.all()) {
            tell("promiscuous mode of {}", device_of(std::to_string(ifindex)));
            if (!wishes_.dry_run) promiscuous.end(netlink_, ifindex);
        }
        for (const std::string& name : folder.names()) {
            if (name == "links" || name == sys::promiscuous_marks) continue;
            tell("the maps in {}", folder.path_of(name));
            if (!wishes_.dry_run) sys::BpfFolder::remove(folder.path_of(name));
        }
        if (!wishes_.dry_run) sys::BpfFolder::remove(path);
    }

    Result<void> remove_taps() {
        for (const sys::Link& link : TRY(netlink_.links())) {
            if (link.alias != sys::internal_port_mark) continue;
            const auto tap = sys::Tap::open(link.name);
            if (!tap) continue;  // its switch runs
            tell("the internal port {}", link.name);
            if (!wishes_.dry_run) TRY((*tap)->unpersist());
        }
        return {};
    }

    Result<void> remove_pairs() {
        for (const sys::LeftPair& left : TRY(sys::left_pairs(netlink_))) {
            tell("the internal port {}", left.port);
            if (!wishes_.dry_run) TRY(netlink_.remove_link(left.wire));
        }
        return {};
    }

    /// By the name of a link's pin: the device's number, behind a word or not.
    std::string device_of(const std::string& pin) const {
        const std::string number = pin.substr(std::min(pin.find_first_of("0123456789"), pin.size()));
        int ifindex = 0;
        std::from_chars(number.data(), number.data() + number.size(), ifindex);
        const auto link = netlink_.link(ifindex);
        return link ? "device " + link->name : "device number " + number + " of another namespace";
    }

    template <class... A>
    void tell(fmt::format_string<A...> what, A&&... args) {
        ++n_;
        fmt::print("{} {}\n", wishes_.dry_run ? "would remove" : "removed",
                   fmt::format(what, std::forward<A>(args)...));
    }

    const Wishes wishes_;
    sys::Netlink& netlink_;
    size_t n_ = 0;
};

}  // namespace

Result<void> run_cleanup(const std::vector<std::string>& args) {
    Wishes wishes = TRY(wishes_of(args));
    const auto netlink = TRY(sys::Netlink::open());
    return Cleaner(std::move(wishes), *netlink).run();
}

}  // namespace weft::cli::weft_tool
