FROM alpine:3
COPY . /files
CMD ["sh", "-c", "cd /files; find . | sort"]
