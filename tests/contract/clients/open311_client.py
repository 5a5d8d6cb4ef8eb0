"""Programs of Open311: `georeport` reads, `three` reads and asks."""

import io
import itertools
import os
from datetime import datetime

import requests
import xmltodict

# It was written for Python 2.
itertools.ifilter = filter
import three  # noqa: E402
from georeport import GeoReport  # noqa: E402

ADDRESS = os.environ["OPEN311"]


class Three(three.Three):
    """The same, which on Python 3 finds no first key of an XML document."""

    def convert(self, content, conversion):
        if self.format == "xml":
            (value,) = xmltodict.parse(content).values()
            return value
        return super().convert(content, conversion)


def listed(value):
    """An XML document does not tell a list of one from one."""
    return value if isinstance(value, list) else [value]


with_photo = []
for format in "json", "xml":
    city = GeoReport(ADDRESS, output_format=format)
    services = {service["service_code"]: service for service in city.get_service_list()}
    assert services.keys() == {"public-lighting", "tree-cutting"}, services
    assert services["public-lighting"]["service_name"] == "งานไฟฟ้าสาธารณะ"
    assert services["public-lighting"]["metadata"] in (True, "true")
    attributes = city.get_service_definition("public-lighting")["attributes"]
    attributes = attributes["attribute"] if format == "xml" else attributes
    assert [attribute["code"] for attribute in attributes] == ["fault", "pole_number", "lamp_count"], attributes
    assert [attribute["datatype"] for attribute in attributes] == ["singlevaluelist", "string", "number"]

    client = Three(ADDRESS, format=format)
    values = {"attribute[fault]": "flickering", "attribute[lamp_count]": 2, "lat": 15.1858, "long": 100.1251}
    made = client.post("public-lighting", name="สมหญิง รักไทย", phone="081-234-5678", description="ไฟกะพริบ", **values)
    assert client.post_response.status_code == 201, client.post_response.text
    made = made["request"] if format == "xml" else made[0]
    id = made["service_request_id"]
    assert isinstance(id, str) and "รหัสติดตามคำขอ" in made["service_notice"], made
    # The photo goes in a form of several parts.
    sent = {**values, "attribute[uprn]": 100, "media_url": ["http://example.com/1.jpg", "http://example.com/2.jpg"]}
    photographed = client.post("public-lighting", media=io.BytesIO(b"the photo, as a text"), **sent)
    assert client.post_response.status_code == 201, client.post_response.text
    photographed = photographed["request"] if format == "xml" else photographed[0]
    with_photo.append(photographed["service_request_id"])
    assert "ไม่ได้แนบ" not in photographed["service_notice"], photographed
    refused = client.post("public-lighting", **{**values, "attribute[fault]": "nonsense"})
    assert client.post_response.status_code == 400
    refused = listed(refused["error"]) if format == "xml" else refused
    assert "attribute[fault]" in refused[0]["description"], refused

    one = client.request(id)
    one = one["request"] if format == "xml" else one[0]
    assert one["service_request_id"] == id and one["status"] == "open" and one["service_code"] == "public-lighting", one
    datetime.strptime(one["requested_datetime"], "%Y-%m-%dT%H:%M:%SZ")
    assert "สมหญิง" not in str(one) and "กะพริบ" not in str(one), one
    found = client.requests("public-lighting", status="open")
    found = listed(found["request"]) if format == "xml" else found
    assert id in [request["service_request_id"] for request in found], found
    found = city.get_service_requests(service_code="public-lighting", status="open")
    assert id in [request["service_request_id"] for request in listed(found)], found
    token = client.token(id)
    token = token["request"] if format == "xml" else token[0]
    assert token["service_request_id"] == id, token
    print(f"{format}: {len(services)} services, request {id}")

# It is one of ours.
address = ADDRESS.removesuffix("/open311/v2")
headers = {"Authorization": f"Bearer {os.environ['OFFICER']}"}
ours = requests.get(f"{address}/v1/service-requests", params={"reference": id}, headers=headers).json()["items"][0]
assert ours["applicant"]["full_name"] == "สมหญิง รักไทย" and ours["form"] == {"fault": "flickering", "lamp_count": 2}, ours
for photographed in with_photo:
    found = requests.get(f"{address}/v1/service-requests", params={"reference": photographed}, headers=headers)
    place = f"{address}/v1/service-requests/{found.json()['items'][0]['id']}"
    assert len(requests.get(f"{place}/attachments", headers=headers).json()["items"]) == 1
    said = requests.get(f"{place}/timeline", headers=headers).json()["items"][1]["text"]
    assert said == "uprn: 100\nhttp://example.com/1.jpg\nhttp://example.com/2.jpg", said
