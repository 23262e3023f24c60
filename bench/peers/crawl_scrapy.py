"""Scrapy on the portal at an address: its themes, the pages of their datasets, and the datasets.

python crawl_scrapy.py ADDRESS prints JSON: pages, resources and milliseconds of the crawl alone.
"""

import json
import sys
import time

import scrapy
from scrapy import signals
from scrapy.crawler import CrawlerProcess

told = {"pages": 0, "resources": 0}


class Portal(scrapy.Spider):
    name = "portal"
    start_urls = [sys.argv[1] + "group"]

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.begun, signal=signals.spider_opened)
        crawler.signals.connect(spider.ended, signal=signals.spider_closed)
        return spider

    def begun(self):
        told["begun"] = time.perf_counter()

    def ended(self):
        told["ms"] = (time.perf_counter() - told.pop("begun")) * 1000

    def parse(self, response):
        told["pages"] += 1
        for link in response.css("a.media-view, .pagination a, .dataset-heading a"):
            yield response.follow(link, self.read if "/dataset/" in link.attrib["href"] else self.parse)

    def read(self, response):
        told["pages"] += 1
        title = response.css("h1::text").getall()[-1].strip()
        tags = response.css("ul.tag-list li a::text").getall()
        if not title or not tags:
            raise ValueError(response.url)
        urls = [item.css("a.resource-url-analytics::attr(href)").get() for item in response.css("li.resource-item")]
        told["resources"] += len(urls)


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
    }
)
process.crawl(Portal)
process.start()
print(json.dumps(told))
