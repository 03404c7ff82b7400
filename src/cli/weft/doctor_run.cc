// SPDX-License-Identifier: Apache-2.0
#include "cli/weft/doctor_run.h"

#include <cstdio>
#include <sstream>

#include "cli/control.h"
#include "cli/weft/doctor.h"
#include "codec/json_text.h"
#include "sys/netlink.h"

namespace weft::cli::weft_tool {
namespace {

constexpr int at_fault = 2;

/// From lines like "  port 1: eth0 (type)": ports of dummies and tunnels have no device.
std::vector<std::string> ports_in(const std::string& shown) {
    std::vector<std::string> out;
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string port, number, name, type;
        words >> port >> number >> name >> type;
        if (port != "port" || type.starts_with("(dummy")) continue;
        out.push_back(name);
    }
    return out;
}

std::vector<std::string> ports_of_switch(Daemon& daemon, const std::string& target) {
    const auto socket = control_socket_of(daemon, target);
    if (!socket) return {};
    const auto reply = ask_daemon(daemon, *socket, "dpctl/show", {});
    return reply && !reply->is_error ? ports_in(reply->text) : std::vector<std::string>();
}

Result<Patient> examine(Daemon& daemon, const DoctorRequest& request) {
    Patient out;
    out.kernel = sys::probe_kernel();
    const int pid = sys::pidfile_owner(daemon.paths().rundir + "/" + request.target + ".pid");
    std::vector<std::string> devices = request.devices;
    if (pid > 0) {
        out.capabilities = sys::capabilities_of(pid);
        if (devices.empty()) devices = ports_of_switch(daemon, request.target);
        TRY(sys::enter_network_of(pid));
    }
    const auto opened = TRY(sys::Netlink::open());
    sys::Netlink& netlink = *opened;
    for (const std::string& name : devices) {
        auto device = sys::probe_device(netlink, name);
        if (device)
            out.devices.push_back(*std::move(device));
        else
            out.missing.push_back(name);
    }
    return out;
}

}  // namespace

int run_doctor(Daemon& daemon, const DoctorRequest& request) {
    const auto patient = examine(daemon, request);
    if (!patient) daemon.fatal(patient.error().message + "; run weft doctor as root");
    const Diagnosis found = diagnose(*patient);
    const std::string text =
        request.json ? codec::format_json(to_json(found), {.pretty = true}) + "\n" : to_text(found);
    std::fputs(text.c_str(), stdout);
    return found.is_healthy() ? EXIT_SUCCESS : at_fault;
}

}  // namespace weft::cli::weft_tool
