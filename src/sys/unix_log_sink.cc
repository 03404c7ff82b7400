// SPDX-License-Identifier: Apache-2.0
#include "sys/unix_log_sink.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "obs/log_pattern.h"
#include "sys/fd.h"

namespace weft::sys {
namespace {

class UnixLogSink : public obs::LogSink {
  public:
    explicit UnixLogSink(std::string path) : path_(std::move(path)) {}

    void write(obs::Level level, int facility, std::string_view line) override {
        if (!fd_.valid() && !connect()) return;
        const std::string text =
            "<" + std::to_string(facility * 8 + obs::syslog_severity(level)) + ">" + std::string(line);
        if (::send(fd_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
            fd_.reset();
    }

  private:
    bool connect() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path_.size() >= sizeof address.sun_path) return false;
        std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
        Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        if (!fd.valid() || ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            return false;
        fd_ = std::move(fd);
        return true;
    }
    std::string path_;
    Fd fd_;
};

}  // namespace

std::unique_ptr<obs::LogSink> unix_log_sink(std::string path) {
    return std::make_unique<UnixLogSink>(std::move(path));
}

}  // namespace weft::sys
