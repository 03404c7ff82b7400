// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf_link.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/bpf_folder.h"

namespace weft::sys {
namespace {

/// By bpf(2): libbpf 1.1 knows no tcx.
Result<Fd> create(int program, const BpfLinkTarget& target) {
    bpf_attr attr{};
    attr.link_create.prog_fd = static_cast<uint32_t>(program);
    attr.link_create.target_ifindex = static_cast<uint32_t>(target.ifindex);
    attr.link_create.attach_type = target.type;
    attr.link_create.flags = target.flags;
    return fd_or_errno(static_cast<int>(::syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof attr)),
                       "attach a program to a device");
}

}  // namespace

Result<Fd> attach_by_link(int program, const BpfLinkTarget& target, const std::string& pin) {
    if (pin.empty()) return create(program, target);
    if (auto kept = open_pin(pin)) {
        // The link of a device that is gone takes no program any more.
        if (bpf_link_update(kept->get(), program, nullptr) == 0) return std::move(*kept);
        BpfFolder::remove(pin);
    }
    Fd link = TRY(create(program, target));
    TRY(sys::pin(link.get(), pin));
    return link;
}

bool has_link(int ifindex, uint32_t type) {
    bpf_attr attr{};
    attr.query.target_fd = static_cast<uint32_t>(ifindex);
    attr.query.attach_type = type;
    return ::syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof attr) == 0 && attr.query.prog_cnt != 0;
}

}  // namespace weft::sys
