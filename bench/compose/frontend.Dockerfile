FROM node:22-alpine
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
ENV PATH=/app/node_modules/.bin:$PATH
COPY . .
# Vite keeps what it has prepared beside the source.
RUN chmod 1777 /app && chown -R 1000:1000 node_modules
USER 1000:1000
CMD ["vite", "--host", "0.0.0.0", "--port", "3000", "--strictPort"]
