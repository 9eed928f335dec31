FROM alpine:3
COPY observe /observe
ENTRYPOINT ["/observe", "args", "entry"]
CMD ["/observe", "args", "cmd one"]
