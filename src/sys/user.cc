// SPDX-License-Identifier: Apache-2.0
#include "sys/user.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fd.h"

namespace weft::sys {
namespace {

constexpr uint64_t bit(int capability) { return uint64_t{1} << capability; }

Result<> set_capabilities(uint64_t mask) {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct data[2]{};
    for (int i = 0; i < 2; ++i)
        data[i].effective = data[i].permitted = data[i].inheritable = static_cast<uint32_t>(mask >> 32 * i);
    if (::syscall(SYS_capset, &header, data) != 0) return fail_errno("capset");
    return {};
}

}  // namespace

Result<User> find_user(const std::string& text) {
    if (::geteuid() != 0) return fail("--user: only root may choose another user");
    const size_t colon = std::min(text.find(':'), text.size());
    User out{.uid = ::getuid(), .gid = ::getgid(), .name = text.substr(0, colon)};
    if (!out.name.empty()) {
        const passwd* entry = ::getpwnam(out.name.c_str());
        if (!entry) return fail("user " + out.name + " not found, aborting.");
        out.uid = entry->pw_uid;
        out.gid = entry->pw_gid;
    }
    if (const std::string group = text.substr(std::min(colon + 1, text.size())); !group.empty()) {
        const struct group* entry = ::getgrnam(group.c_str());
        if (!entry) return fail("group " + group + " not found, aborting.");
        out.gid = entry->gr_gid;
    }
    return out;
}

Result<> become_user(const User& user, Privilege keep) {
    constexpr uint64_t service = bit(CAP_IPC_LOCK) | bit(CAP_NET_BIND_SERVICE);
    constexpr uint64_t datapath = service | bit(CAP_NET_ADMIN) | bit(CAP_NET_BROADCAST) | bit(CAP_NET_RAW) |
                                  bit(CAP_BPF) | bit(CAP_PERFMON);
    if (::prctl(PR_SET_KEEPCAPS, 1) != 0) return fail_errno("keep capabilities");
    const bool groups_set =
        user.name.empty() ? ::setgroups(0, nullptr) == 0 : ::initgroups(user.name.c_str(), user.gid) == 0;
    if (!groups_set) return fail_errno("set supplementary groups");
    if (::setresgid(user.gid, user.gid, user.gid) != 0) return fail_errno("set group");
    if (::setresuid(user.uid, user.uid, user.uid) != 0) return fail_errno("set user");
    return set_capabilities(keep == Privilege::datapath ? datapath : service);
}

Result<> give_file(const std::string& path, const User& user) {
    if (::chown(path.c_str(), user.uid, user.gid) != 0) return fail_errno(path);
    return {};
}

}  // namespace weft::sys
