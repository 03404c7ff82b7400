// SPDX-License-Identifier: Apache-2.0
// Where programs keep their files, and the environment variables that say otherwise.
#pragma once

#include <string>
#include <string_view>

namespace weft::cli {

/// Value type, read once at start.
struct Paths {
    std::string rundir = "/var/run/openvswitch";        ///< OVS_RUNDIR
    std::string logdir = "/var/log/openvswitch";        ///< OVS_LOGDIR
    std::string dbdir = "/etc/openvswitch";             ///< OVS_DBDIR, else OVS_SYSCONFDIR/openvswitch
    std::string sysconfdir = "/etc";                    ///< OVS_SYSCONFDIR
    std::string pkgdatadir = "/usr/share/openvswitch";  ///< OVS_PKGDATADIR

    static Paths from_environment();
    std::string default_database() const { return "unix:" + rundir + "/db.sock"; }
};

/// `path` itself if absolute, else within `folder`.
std::string within(std::string_view folder, std::string_view path);

}  // namespace weft::cli
