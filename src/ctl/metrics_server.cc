// SPDX-License-Identifier: Apache-2.0
#include "ctl/metrics_server.h"

#include <prometheus/text_serializer.h>

#include <charconv>
#include <sstream>

#include "codec/http.h"

namespace weft::ctl {

namespace {

constexpr uint32_t request_max = 8192;
constexpr size_t clients_max = 16;  ///< the oldest gives way

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

prometheus::ClientMetric metric_of(const obs::MetricFamily& family, const obs::MetricFamily::Sample& s) {
    prometheus::ClientMetric out;
    for (const auto& [name, value] : s.labels) out.label.push_back({name, value});
    if (family.kind == obs::MetricFamily::Kind::counter) out.counter.value = s.value;
    if (family.kind == obs::MetricFamily::Kind::gauge) out.gauge.value = s.value;
    if (family.kind != obs::MetricFamily::Kind::histogram) return out;
    uint64_t sum = 0;
    for (size_t i = 0; i < obs::Histogram::bounds.size(); ++i) {
        sum += s.histogram.counts[i];
        out.histogram.bucket.push_back({sum, seconds(obs::Histogram::bounds[i])});
    }
    out.histogram.sample_count = sum + s.histogram.counts.back();
    out.histogram.sample_sum = seconds(s.histogram.sum);
    return out;
}

prometheus::MetricType type_of(obs::MetricFamily::Kind kind) {
    using enum obs::MetricFamily::Kind;
    return kind == counter     ? prometheus::MetricType::Counter
           : kind == histogram ? prometheus::MetricType::Histogram
                               : prometheus::MetricType::Gauge;
}

bool is_loopback(std::string_view host) {
    return host.starts_with("127.") || host == "localhost" || host == "[::1]";
}

}  // namespace

std::string prometheus_text(const obs::Metrics& metrics) {
    std::vector<prometheus::MetricFamily> families;
    families.reserve(metrics.size());
    for (const auto& m : metrics) {
        auto& family = families.emplace_back(prometheus::MetricFamily{m.name, m.help, type_of(m.kind), {}});
        for (const auto& s : m.samples) family.metric.push_back(metric_of(m, s));
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return std::move(out).str();
}

Result<std::string> metrics_address(const std::string& option) {
    if (option.starts_with("unix:") && option.size() > 5) return "p" + option;
    const std::string expected =
        "--metrics: " + option + ": expected unix:PATH, tcp:PORT or tcp:127.0.0.1:PORT, or none";
    if (!option.starts_with("tcp:")) return fail(expected);
    const std::string rest = option.substr(4);
    const size_t colon = rest.rfind(':');
    const std::string host = colon == std::string::npos ? "127.0.0.1" : rest.substr(0, colon);
    const std::string port = colon == std::string::npos ? rest : rest.substr(colon + 1);
    uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size()) return fail(expected);
    if (!is_loopback(host))
        return fail("--metrics: " + host +
                    " is no address of the loopback: metrics need no password, so they "
                    "are told on this host only (put a proxy before them for others)");
    return "ptcp:" + port + ":" + (host == "localhost" ? "127.0.0.1" : host);
}

struct MetricsServer::Client {
    std::unique_ptr<net::Stream> stream;
    codec::HttpRequest request{request_max};
    bool answered = false;
};

MetricsServer::MetricsServer(loop::Loop& loop, std::function<obs::Metrics()> collect)
    : loop_(loop), collect_(std::move(collect)) {}

MetricsServer::~MetricsServer() = default;

Result<> MetricsServer::listen(net::Transport& transport, const std::string& at) {
    const auto name = TRY(net::ConnectionName::parse(at, 0));
    listener_ = TRY(
        transport.listen(name, [this](std::unique_ptr<net::Stream> stream) { accept(std::move(stream)); }));
    return {};
}

void MetricsServer::close(Client* client) {
    // Not from within the stream's own call.
    loop_.post([this, client, alive = std::weak_ptr(alive_)] {
        if (alive.lock()) std::erase_if(clients_, [&](const auto& c) { return c.get() == client; });
    });
}

void MetricsServer::accept(std::unique_ptr<net::Stream> stream) {
    if (clients_.size() >= clients_max) clients_.pop_front();
    Client* client = clients_.emplace_back(std::make_shared<Client>()).get();
    client->stream = std::move(stream);
    client->stream->start({.received = [this, client](std::string_view bytes) { receive(*client, bytes); },
                           .drained =
                               [this, client] {
                                   if (client->answered) close(client);
                               },
                           .closed = [this, client](const Error&) { close(client); }});
}

void MetricsServer::receive(Client& client, std::string_view bytes) {
    using enum codec::HttpRequest::State;
    if (client.answered) return;
    const auto state = client.request.add(bytes);
    if (state == incomplete) return;
    client.answered = true;
    client.stream->send(state == malformed ? answer("", "")
                                           : answer(client.request.method(), client.request.target()));
    if (client.stream->backlog() == 0) close(&client);
}

std::string MetricsServer::answer(std::string_view method, std::string_view target) const {
    codec::HttpAnswer out;
    if (method.empty())
        out = {.status = 400, .body = "This is no HTTP request.\n"};
    else if (method != "GET" && method != "HEAD")
        out = {.status = 405, .allow = "GET, HEAD"};
    else if (target.substr(0, target.find('?')) != "/metrics")
        out = {.status = 404, .body = "Metrics are at /metrics.\n"};
    else
        out = {.content_type = "text/plain; version=0.0.4; charset=utf-8",
               .body = prometheus_text(collect_())};
    return codec::format_http(out, method == "HEAD");
}

}  // namespace weft::ctl
