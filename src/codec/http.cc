// SPDX-License-Identifier: Apache-2.0
#include "codec/http.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>

namespace weft::codec {

namespace http = boost::beast::http;

struct HttpRequest::Parser {
    http::request_parser<http::empty_body> http;
};

HttpRequest::HttpRequest(uint32_t head_max) : parser_(std::make_unique<Parser>()) {
    parser_->http.header_limit(head_max);
}

HttpRequest::~HttpRequest() = default;

HttpRequest::State HttpRequest::add(std::string_view bytes) {
    if (state_ != State::incomplete) return state_;
    waiting_ += bytes;
    boost::system::error_code error;
    const size_t used = parser_->http.put(boost::asio::buffer(waiting_), error);
    waiting_.erase(0, used);
    if (error && error != http::error::need_more)
        state_ = State::malformed;
    else if (parser_->http.is_header_done())
        state_ = State::complete;
    return state_;
}

std::string_view HttpRequest::method() const {
    const auto text = parser_->http.get().method_string();
    return {text.data(), text.size()};
}

std::string_view HttpRequest::target() const {
    const auto text = parser_->http.get().target();
    return {text.data(), text.size()};
}

std::string format_http(const HttpAnswer& answer, bool head_only) {
    http::response<http::string_body> response;
    response.result(answer.status);
    response.set(http::field::content_type, answer.content_type);
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    response.body() = answer.body;
    response.set(http::field::connection, "close");
    response.prepare_payload();
    if (head_only) response.body().clear();
    std::ostringstream out;
    out << response;
    return std::move(out).str();
}

}  // namespace weft::codec
