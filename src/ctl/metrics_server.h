// SPDX-License-Identifier: Apache-2.0
// Metrics over HTTP in Prometheus' text format 0.0.4: GET /metrics.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/stream.h"
#include "obs/metrics.h"

namespace weft::ctl {

/// The text of a scrape.
std::string prometheus_text(const obs::Metrics& metrics);

/// "unix:PATH", "tcp:PORT" or "tcp:127.0.0.1:PORT" (an address of the loopback only), as where to listen.
Result<std::string> metrics_address(const std::string& option);

/// Resource type; belongs to the loop's thread.
class MetricsServer {
  public:
    MetricsServer(loop::Loop& loop, std::function<obs::Metrics()> collect);
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

    /// `at`: what metrics_address() gave.
    Result<> listen(net::Transport& transport, const std::string& at);

  private:
    struct Client;
    void accept(std::unique_ptr<net::Stream> stream);
    void receive(Client& client, std::string_view bytes);
    void close(Client* client);
    std::string answer(std::string_view method, std::string_view target) const;

    loop::Loop& loop_;
    std::function<obs::Metrics()> collect_;
    std::list<std::shared_ptr<Client>> clients_;
    std::unique_ptr<net::Listener> listener_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace weft::ctl
